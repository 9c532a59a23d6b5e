import type { Dialect } from '../../../src/protocol/operation.ts';
import type { Sabotage } from './list.ts';

/** A fault that an agent has to notice over a provider of a dialect. */
export interface AgentSabotage extends Sabotage {
  readonly agent: 'claude' | 'codex' | 'gemini';
  readonly over: Dialect;
}

/** Faults of the translated lane that an agent notices at its tools, its thoughts or its own books. */
export const AGENT_SABOTAGES: readonly AgentSabotage[] = [
  {
    agent: 'claude',
    over: 'openai-chat',
    name: 'forget-the-arguments',
    file: 'edge/anthropic/call-blocks.ts',
    find: "this.#out.delta('input_json_delta', 'partial_json', event.text);\n  }\n\n  end(): void {\n    this.#beginning.begin();",
    replace: '{}\n  }\n\n  end(): void {\n    this.#beginning.begin();',
    caughtBy: ['agents'],
  },
  {
    agent: 'claude',
    over: 'openai-chat',
    name: 'one-id-for-all-calls',
    file: 'edge/anthropic/answer-blocks.ts',
    find: "return { type: 'tool_use', id, name,",
    replace: "return { type: 'tool_use', id: id.slice(0, 5), name,",
    caughtBy: ['agents', 'probe'],
  },
  {
    agent: 'claude',
    over: 'openai-chat',
    name: 'keep-the-thoughts-back',
    file: 'edge/anthropic/stream-blocks.ts',
    find: "this.#out.delta('thinking_delta', 'thinking', event.text);",
    replace: '',
    caughtBy: ['agents'],
  },
  {
    agent: 'claude',
    over: 'openai-chat',
    name: 'tell-no-usage-at-the-end',
    file: 'edge/anthropic/stream-writer.ts',
    find: 'const usage = deltaUsage(this.#writtenUsage());',
    replace: 'const usage = deltaUsage(writeUsage(undefined, undefined, undefined));',
    caughtBy: ['agents'],
  },
  {
    agent: 'claude',
    over: 'openai-chat',
    name: 'lose-the-results-of-tools',
    file: 'providers/openai/result-writer.ts',
    find: 'content: marked(content, part, place, writing),',
    replace: "content: '',",
    caughtBy: ['agents'],
  },
  {
    agent: 'claude',
    over: 'gemini',
    name: 'lose-the-results-of-functions',
    file: 'providers/gemini/result-writer.ts',
    find: 'return object ?? { output: text };',
    replace: "return object ?? { output: '' };",
    caughtBy: ['agents'],
  },
  {
    agent: 'codex',
    over: 'anthropic-messages',
    name: 'forget-the-results-at-messages',
    file: 'providers/anthropic/block-writer.ts',
    find: "type: 'tool_result',\n    tool_use_id: context.ids.written(part.callId),\n    ...(content === undefined ? {} : { content }),",
    replace: "type: 'tool_result',\n    tool_use_id: context.ids.written(part.callId),",
    caughtBy: ['agents'],
  },
  {
    agent: 'codex',
    over: 'gemini',
    name: 'end-an-item-without-its-arguments',
    file: 'edge/responses/call-items.ts',
    find: "item.done({ ...this.#json('completed', text), id: item.id });",
    replace: "item.done({ ...this.#json('completed', '{}'), id: item.id });",
    caughtBy: ['agents'],
  },
  {
    agent: 'codex',
    over: 'gemini',
    name: 'say-that-nothing-was-cached',
    file: 'edge/responses/usage-writer.ts',
    find: 'cached_tokens: usage.cachedInputTokens ?? 0,',
    replace: 'cached_tokens: 0,',
    caughtBy: ['agents'],
  },
  {
    agent: 'gemini',
    over: 'openai-chat',
    name: 'call-without-arguments',
    file: 'edge/gemini/part-writer.ts',
    find: 'name, args: argsOf(part),',
    replace: 'name, args: {},',
    caughtBy: ['agents'],
  },
  {
    agent: 'gemini',
    over: 'anthropic-messages',
    name: 'leave-the-output-out-of-the-total',
    file: 'edge/gemini/usage-writer.ts',
    find: 'totalTokenCount: total,',
    replace: 'totalTokenCount: input,',
    caughtBy: ['agents'],
  },
];
