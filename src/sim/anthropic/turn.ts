import type { Block } from './blocks.ts';
import type { Prompt } from './request.ts';

/** What the conversation has come to. */
export interface Turn {
  /** The last thing the user said in words. */
  readonly userText: string;
  /** What tools answered since the assistant spoke. */
  readonly results: readonly Block[];
  /** Pictures and documents that came since the assistant spoke. */
  readonly images: number;
  readonly documents: number;
  /** Whether the answer goes on where the assistant's last message ended. */
  readonly continues: boolean;
}

export function turnOf({ messages }: Prompt): Turn {
  const spoke = messages.findLastIndex(({ role }) => role === 'assistant');
  const asked = messages.findLast(({ role, blocks }) => role === 'user' && blocks.some(({ type }) => type === 'text'));
  const input = messages.slice(spoke + 1).flatMap(({ role, blocks }) => (role === 'user' ? blocks : []));
  return {
    userText: (asked?.blocks ?? [])
      .filter(({ type }) => type === 'text')
      .map(({ text }) => text)
      .join('\n'),
    results: input.filter(({ type }) => type === 'tool_result'),
    images: input.filter(({ type }) => type === 'image').length,
    documents: input.filter(({ type }) => type === 'document').length,
    continues: spoke >= 0 && input.length === 0,
  };
}

/** Whether the provider ran a tool of its own in the turn that is to go on. */
export function ranHostedTool({ messages }: Prompt): boolean {
  const last = messages.at(-1);
  return last?.role === 'assistant' && last.blocks.some(({ type }) => type === 'server_tool_use');
}
