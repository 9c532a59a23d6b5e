import type { Part } from './parts.ts';
import type { Prompt } from './request.ts';

/** What the conversation has come to. */
export interface Turn {
  /** The last thing the user said in words. */
  readonly userText: string;
  /** What tools answered since the model spoke. */
  readonly responses: readonly Part[];
  /** Files that came since the model spoke. */
  readonly files: number;
  /** Whether the answer goes on where the model's last content ended. */
  readonly continues: boolean;
}

export function turnOf({ contents }: Prompt): Turn {
  const spoke = contents.findLastIndex(({ role }) => role === 'model');
  const asked = contents.findLast(({ role, parts }) => role === 'user' && parts.some(({ kind }) => kind === 'text'));
  const input = contents.slice(spoke + 1).flatMap(({ parts }) => parts);
  return {
    userText: (asked?.parts ?? [])
      .filter(({ kind }) => kind === 'text')
      .map(({ text }) => text)
      .join('\n'),
    responses: input.filter(({ kind }) => kind === 'response'),
    files: input.filter(({ kind }) => kind === 'media').length,
    continues: spoke >= 0 && input.length === 0,
  };
}
