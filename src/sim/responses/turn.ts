import { isAnswer } from './conversation.ts';
import type { Item } from './items.ts';

/** What the conversation has come to. */
export interface Turn {
  /** The last thing the user said in words. */
  readonly userText: string;
  /** What tools answered since the model spoke. */
  readonly results: readonly Item[];
  /** What was decided since then about calls of servers that had to be approved. */
  readonly approvals: readonly Item[];
  /** Pictures and files that came since then. */
  readonly files: number;
}

export function turnOf(items: readonly Item[]): Turn {
  const since = items.slice(items.findLastIndex(isAnswer) + 1);
  return {
    userText: items.findLast(({ role, text }) => role === 'user' && text !== '')?.text ?? '',
    results: since.filter(({ type }) => type.endsWith('_output')),
    approvals: since.filter(({ type }) => type === 'mcp_approval_response'),
    files: since.reduce((count, { otherParts }) => count + otherParts, 0),
  };
}
