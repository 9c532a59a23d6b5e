import type { Block } from './blocks.ts';
import type { Prompt } from './request.ts';

/** What the conversation has come to. */
export interface Turn {
  /** The last thing the user said in words. */
  readonly userText: string;
  /** What tools answered last; empty when the last word is somebody else's. */
  readonly results: readonly Block[];
  /** Pictures and documents that came with the last message. */
  readonly images: number;
  readonly documents: number;
  /** Whether the answer goes on where the assistant's last message ended. */
  readonly continues: boolean;
}

export function turnOf({ messages }: Prompt): Turn {
  const last = messages.findLast(({ role }) => role !== 'system');
  const asked = messages.findLast(({ role, blocks }) => role === 'user' && blocks.some(({ type }) => type === 'text'));
  const input = last?.role === 'user' ? last.blocks : [];
  return {
    userText: (asked?.blocks ?? [])
      .filter(({ type }) => type === 'text')
      .map(({ text }) => text)
      .join('\n'),
    results: input.filter(({ type }) => type === 'tool_result'),
    images: input.filter(({ type }) => type === 'image').length,
    documents: input.filter(({ type }) => type === 'document').length,
    continues: last?.role === 'assistant',
  };
}

/** Whether the provider ran a tool of its own in the turn that is to go on. */
export function ranHostedTool({ messages }: Prompt): boolean {
  const last = messages.at(-1);
  return last?.role === 'assistant' && last.blocks.some(({ type }) => type === 'server_tool_use');
}
