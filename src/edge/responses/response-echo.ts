import { isObject, type WireObject } from '../../providers/openai/wire.ts';

/** What an answer says of a setting that its client did not ask for, as OpenAI's own answers say it. */
const UNASKED: WireObject = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  presence_penalty: 0,
  frequency_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  safety_identifier: null,
  store: true,
  temperature: 1,
  tool_choice: 'auto',
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
};

/** Members that an answer has only where they were asked for. */
const ASKED: readonly string[] = ['user', 'prompt_cache_retention', 'prompt'];

/**
 * The members of an answer that repeat what was asked, each present: clients
 * take them for granted.
 *
 * @param asked the client's request as it sent it; absent where it is not known
 * @see https://platform.openai.com/docs/api-reference/responses/object (openai 7.55.0, Response)
 */
export function echoOf(asked: WireObject = {}): WireObject {
  const echo: Record<string, unknown> = { ...UNASKED };
  for (const name of Object.keys(UNASKED)) echo[name] = asked[name] ?? UNASKED[name];
  for (const name of ASKED) if (asked[name] !== undefined && asked[name] !== null) echo[name] = asked[name];
  echo['reasoning'] = reasoningOf(asked['reasoning']);
  echo['text'] = textOf(asked['text']);
  echo['tools'] = toolsOf(asked['tools']);
  const conversation = conversationOf(asked['conversation']);
  if (conversation !== undefined) echo['conversation'] = conversation;
  return echo;
}

function reasoningOf(asked: unknown): WireObject {
  const given = isObject(asked) ? asked : {};
  return { ...given, effort: given['effort'] ?? null, summary: given['summary'] ?? given['generate_summary'] ?? null };
}

function textOf(asked: unknown): WireObject {
  const given = isObject(asked) ? asked : {};
  return { ...given, format: given['format'] ?? { type: 'text' }, verbosity: given['verbosity'] ?? 'medium' };
}

/** A function's members that a request may leave out stand in an answer as `null`. */
function toolsOf(asked: unknown): readonly unknown[] {
  if (!Array.isArray(asked)) return [];
  return asked.map((tool: unknown) =>
    isObject(tool) && tool['type'] === 'function'
      ? { ...tool, parameters: tool['parameters'] ?? null, strict: tool['strict'] ?? null }
      : tool,
  );
}

function conversationOf(asked: unknown): WireObject | undefined {
  if (typeof asked === 'string') return { id: asked };
  return isObject(asked) ? asked : undefined;
}
