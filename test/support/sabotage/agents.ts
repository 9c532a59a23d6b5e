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
];
