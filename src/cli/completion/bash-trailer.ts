/**
 * What the bash script of tab lacks: a shell without the bash-completion
 * package (macOS, most containers) does not have the one function of it that
 * the script calls, and without `-o default` nothing would complete files.
 */
export const BASH_TRAILER = `
if ! declare -F _get_comp_words_by_ref > /dev/null; then
    _get_comp_words_by_ref() {
        cur="\${COMP_WORDS[COMP_CWORD]}"
        prev=""
        if [ "$COMP_CWORD" -gt 0 ]; then prev="\${COMP_WORDS[COMP_CWORD-1]}"; fi
        words=("\${COMP_WORDS[@]}")
        cword=$COMP_CWORD
    }
fi
complete -o default -F __leeward_complete leeward
`;
