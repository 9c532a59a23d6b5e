/**
 * For bash our own script. That of tab hands the unfinished line to `eval` and
 * the answers to `compgen -W`, and both run what stands in `$(…)`: pressing TAB
 * after a pasted line, or near a model with a hostile name, would be enough.
 * Here words and answers are never anything but text.
 */
export const BASH_SCRIPT = `# bash completion for leeward
__leeward_complete() {
  local answer value current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r answer; do
    [[ $answer == :* ]] && continue
    value="\${answer%%$'\\t'*}"
    [[ $value == "$current"* ]] && COMPREPLY+=("$value")
  done < <(leeward complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F __leeward_complete leeward
`;
