import { Argument, type Command } from 'commander';
import type { Context } from '../context.ts';

/** What `leeward complete` is called with by the scripts that `leeward completion` prints. */
const ANSWERING = 'complete';

/** `leeward completion`: the shell's side; `leeward complete -- words…`, hidden, is what the shell then asks. */
export function addCompletion(program: Command, context: Context): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish', 'powershell']))
    .summary('print a script that completes commands in a shell')
    .description(
      'Prints a completion script: commands, options, and the keys, models and calls of the running server.\n' +
        '  bash        source <(leeward completion bash)\n' +
        '  zsh         source <(leeward completion zsh)\n' +
        '  fish        leeward completion fish | source\n' +
        '  powershell  leeward completion powershell | Out-String | Invoke-Expression',
    )
    .action(async (shell) => {
      if (shell === 'bash') {
        context.io.out((await import('../completion/bash-script.ts')).BASH_SCRIPT);
        return;
      }
      const { script } = await import('@bomb.sh/tab');
      script(shell, 'leeward', 'leeward');
    });
  program
    .command(ANSWERING, { hidden: true })
    .argument('[words...]', 'the words so far, the last one unfinished')
    .description('Answers what could come next, for a shell: call it as "complete -- <words>".')
    .action(async (words) => (await import('../completion/complete.ts')).complete(words, program, context));
}
