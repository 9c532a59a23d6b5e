import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { ServerFlags } from '../running-server.ts';
import { type Suggestion, suggest } from './suggest.ts';

/** What the last line tells the shell's script: bits, as the scripts of tab read them. */
const DIRECTIVE = { files: 0, noFiles: 4, directories: 16 } as const;

/** Answers a shell: a suggestion a line, its description behind a tab, and a directive at the end. */
export async function complete(words: readonly string[], program: Command, { io, clock }: Context): Promise<void> {
  const { known, kind, prefix } = suggest(program, words);
  const { candidates } = await import('./candidates.ts');
  const asked =
    kind === undefined || kind === 'file' || kind === 'dir'
      ? []
      : await candidates(kind, serverIn(words, io.env), io.env, clock);
  for (const { value, about } of [...known, ...asked]) {
    if (value.startsWith(prefix)) io.out(`${value}\t${oneLine(about)}\n`);
  }
  io.out(`:${kind === 'file' ? DIRECTIVE.files : kind === 'dir' ? DIRECTIVE.directories : DIRECTIVE.noFiles}\n`);
}

function oneLine(about: Suggestion['about']): string {
  return about.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '');
}

/** The server of a command line that is not finished, and that commander would therefore refuse. */
function serverIn(words: readonly string[], env: NodeJS.ProcessEnv): ServerFlags {
  const given = (flag: string) => {
    const at = words.indexOf(flag);
    return at < 0 ? words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) : words[at + 1];
  };
  return {
    data: given('--data') ?? env['LEEWARD_DATA'] ?? './.leeward',
    url: given('--url') ?? env['LEEWARD_URL'],
    token: given('--token') ?? env['LEEWARD_ADMIN_TOKEN'],
  };
}
