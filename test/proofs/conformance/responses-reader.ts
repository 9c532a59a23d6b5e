import { isJson, type Json, numberOf, objectOf, objectsOf, textOf } from './json.ts';
import { argumentsOf, EMPTY_READING, type Reading, type ReadToolCall, type ReadUsage, sealsIn } from './reading.ts';
import type { StreamData } from './sse-text.ts';

const CALLS = new Set(['function_call', 'custom_tool_call']);
const SAID = new Set(['message', 'reasoning', ...CALLS]);

/** What a whole answer of the Responses API says. */
export function readResponse(response: Json): Reading {
  const { status } = response;
  if (!Array.isArray(response['output']) || status === 'failed' || status === 'cancelled') {
    return { ...EMPTY_READING, error: errorText(response) };
  }
  const items = objectsOf(response['output']);
  const parts = items.filter(({ type }) => type === 'message').flatMap(({ content }) => objectsOf(content));
  const texts = parts.filter(({ type }) => type === 'output_text');
  const thoughts = items.filter(({ type }) => type === 'reasoning');
  return {
    ...EMPTY_READING,
    text: joined(texts, 'text'),
    refusal: joined(
      parts.filter(({ type }) => type === 'refusal'),
      'refusal',
    ),
    reasoning: thoughts.map(thoughtOf).join('\n\n'),
    ...sealsIn(
      'openai-responses',
      thoughts.map((item) => textOf(item['encrypted_content']) ?? ''),
    ),
    toolCalls: items.filter(({ type }) => CALLS.has(String(type))).map(toolCallOf),
    finish: finishOf(response),
    usage: responsesUsage(response['usage']),
    webCitations: texts
      .flatMap(({ annotations }) => objectsOf(annotations))
      .flatMap((one) => (one['type'] === 'url_citation' ? (textOf(one['url']) ?? []) : [])),
    hosted: items.flatMap(({ type }) => (SAID.has(String(type)) ? [] : [String(type)])),
    logprobs: texts.flatMap(({ logprobs }) => objectsOf(logprobs)).length,
  };
}

function joined(parts: readonly Json[], member: string): string {
  return parts.map((part) => textOf(part[member]) ?? '').join('');
}

/** What it thought in full, or else the summary of that. */
function thoughtOf({ content, summary }: Json): string {
  const whole = objectsOf(content);
  return (whole.length > 0 ? whole : objectsOf(summary)).map(({ text }) => textOf(text) ?? '').join('\n\n');
}

function toolCallOf(item: Json): ReadToolCall {
  const named = { id: textOf(item['call_id']) ?? '', name: textOf(item['name']) ?? '' };
  // A plain text is the one argument of such a tool elsewhere.
  if (item['type'] === 'custom_tool_call') return { ...named, arguments: { input: item['input'] } };
  return { ...named, arguments: argumentsOf(textOf(item['arguments']) ?? '') };
}

/** Its status and, where it is not complete, why. */
function finishOf({ status, incomplete_details: details }: Json): string | undefined {
  const reason = textOf(objectOf(details)['reason']);
  return status === 'incomplete' ? `incomplete: ${reason ?? 'nobody knows'}` : textOf(status);
}

/** What a streamed answer says: by its pieces, so that one that is missing is missed. */
export function readResponseStream(events: readonly StreamData[]): Reading {
  const items: Record<string, unknown>[] = [];
  let last: Json | undefined;
  let usage: unknown;
  for (const { data } of events) {
    const { type } = data;
    if (type === 'error') return { ...EMPTY_READING, error: errorText(data) };
    if (type === 'response.output_item.added') items[indexOf(data)] = begun(objectOf(data['item']));
    if (type === 'response.output_item.done') end(items, indexOf(data), objectOf(data['item']));
    const item = items[indexOf(data)];
    if (item !== undefined) addTo(item, String(type), data);
    if (/^response\.(?:completed|incomplete|failed)$/.test(String(type))) last = objectOf(data['response']);
    usage = objectOf(data['response'])['usage'] ?? usage;
  }
  if (last === undefined) return { ...EMPTY_READING, error: 'it never ends' };
  return readResponse({ ...last, usage, output: items.filter(Boolean) });
}

function indexOf(data: Json): number {
  return numberOf(data['output_index']) ?? 0;
}

/** As it is announced: what it will say follows in pieces. */
function begun(item: Json): Record<string, unknown> {
  return { ...item, content: [], summary: [], arguments: '', input: '' };
}

/** What never came in pieces stands in the item as it ends: its seal, its names, what a provider's tool did. */
function end(items: Record<string, unknown>[], index: number, done: Json): void {
  const item = items[index];
  if (item === undefined) return;
  const { content, summary, arguments: _, input: __, ...rest } = done;
  Object.assign(item, rest);
  // Compatible servers tell a thought as it ends, and never before.
  if (objectsOf(item['summary']).length === 0) item['summary'] = summary;
  if (item['type'] === 'reasoning' && objectsOf(item['content']).length === 0) item['content'] = content;
  for (const [at, part] of objectsOf(content).entries()) {
    const piece = objectsOf(item['content'])[at] as Record<string, unknown> | undefined;
    // Probabilities are told again as a text ends, and by some only then.
    if (piece !== undefined && objectsOf(piece['logprobs']).length === 0) piece['logprobs'] = part['logprobs'];
  }
}

const PIECES: Readonly<Record<string, readonly [string, string, string]>> = {
  'response.output_text.delta': ['content', 'output_text', 'text'],
  'response.refusal.delta': ['content', 'refusal', 'refusal'],
  'response.reasoning_text.delta': ['content', 'reasoning_text', 'text'],
  'response.reasoning_summary_text.delta': ['summary', 'summary_text', 'text'],
};

function addTo(item: Record<string, unknown>, type: string, data: Json): void {
  const { delta } = data;
  const piece = PIECES[type];
  if (piece !== undefined) {
    const [list, kind, member] = piece;
    const part = partAt(item, list, numberOf(data[list === 'summary' ? 'summary_index' : 'content_index']) ?? 0);
    part['type'] = kind;
    part[member] = (textOf(part[member]) ?? '') + (textOf(delta) ?? '');
    if (Array.isArray(data['logprobs'])) part['logprobs'] = [...objectsOf(part['logprobs']), ...data['logprobs']];
  } else if (type === 'response.function_call_arguments.delta') {
    item['arguments'] = (textOf(item['arguments']) ?? '') + (textOf(delta) ?? '');
  } else if (type === 'response.custom_tool_call_input.delta') {
    item['input'] = (textOf(item['input']) ?? '') + (textOf(delta) ?? '');
  } else if (type === 'response.output_text.annotation.added') {
    const part = partAt(item, 'content', numberOf(data['content_index']) ?? 0);
    part['annotations'] = [...objectsOf(part['annotations']), objectOf(data['annotation'])];
  }
}

function partAt(item: Record<string, unknown>, list: string, index: number): Record<string, unknown> {
  const parts = (Array.isArray(item[list]) ? item[list] : []) as Record<string, unknown>[];
  item[list] = parts;
  parts[index] ??= {};
  return parts[index];
}

/** Input and output each include their details. */
export function responsesUsage(value: unknown): ReadUsage | undefined {
  if (!isJson(value)) return undefined;
  const ins = objectOf(value['input_tokens_details']);
  return {
    input: numberOf(value['input_tokens']),
    cacheRead: numberOf(ins['cached_tokens']),
    cacheWrite: numberOf(ins['cache_write_tokens']),
    output: numberOf(value['output_tokens']),
    reasoning: numberOf(objectOf(value['output_tokens_details'])['reasoning_tokens']),
  };
}

function errorText(value: Json): string {
  const error = isJson(value['error']) ? value['error'] : value;
  return `${textOf(error['code']) ?? textOf(error['type']) ?? 'error'}: ${textOf(error['message']) ?? ''}`;
}
