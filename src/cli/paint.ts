import type { Terminal } from './io.ts';

/** How loud a piece of text is. Without a terminal, or with `NO_COLOR`, every voice is plain. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warning(text: string): string;
  bad(text: string): string;
  accent(text: string): string;
}

/** @see https://no-color.org (read 2026-11-21): set and not empty means none */
export function paintFor(terminal: Terminal | undefined, env: NodeJS.ProcessEnv): Paint {
  const plain = terminal === undefined || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const voice = (code: number) => (text: string) => (plain || text === '' ? text : `\u001b[${code}m${text}\u001b[0m`);
  return { bold: voice(1), dim: voice(2), good: voice(32), warning: voice(33), bad: voice(31), accent: voice(36) };
}
