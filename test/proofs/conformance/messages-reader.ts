import { isJson, type Json, numberOf, objectOf, objectsOf, textOf } from './json.ts';
import { argumentsOf, EMPTY_READING, type Reading, type ReadToolCall, type ReadUsage, sealsOf } from './reading.ts';
import type { StreamData } from './sse-text.ts';

/** What a whole message of the Messages dialect says. */
export function readMessage(message: Json): Reading {
  if (message['type'] === 'error' || isJson(message['error'])) return { ...EMPTY_READING, error: errorText(message) };
  const blocks = objectsOf(message['content']);
  const texts = (type: string, member: string) =>
    blocks.filter((block) => block['type'] === type).map((block) => textOf(block[member]) ?? '');
  const signatures = sealsOf(texts('thinking', 'signature'));
  const sealed = sealsOf(texts('redacted_thinking', 'data'));
  const citations = blocks.flatMap((block) => objectsOf(block['citations']));
  return {
    ...EMPTY_READING,
    text: texts('text', 'text').join(''),
    reasoning: texts('thinking', 'thinking').join(''),
    signatures: signatures.own,
    sealed: sealed.own,
    foreignSeals: [...signatures.foreign, ...sealed.foreign],
    bareThoughts: texts('thinking', 'signature').filter((signature) => signature === '').length,
    toolCalls: blocks.filter((block) => block['type'] === 'tool_use').map(toolCallOf),
    finish: textOf(message['stop_reason']),
    stopSequence: textOf(message['stop_sequence']),
    usage: messagesUsage(message['usage']),
    webCitations: citations.flatMap((one) => textOf(one['url']) ?? []),
    documentCitations: citations.filter((one) => textOf(one['url']) === undefined).length,
    hosted: blocks.flatMap((block) => (KNOWN_BLOCKS.has(String(block['type'])) ? [] : [String(block['type'])])),
  };
}

const KNOWN_BLOCKS = new Set(['text', 'thinking', 'redacted_thinking', 'tool_use']);

function toolCallOf(block: Json): ReadToolCall {
  const { input } = block;
  return {
    id: textOf(block['id']) ?? '',
    name: textOf(block['name']) ?? '',
    arguments: typeof input === 'string' ? argumentsOf(input) : (input ?? {}),
  };
}

/** What a streamed message says: its events put together as the API's documentation tells. */
export function readMessageStream(events: readonly StreamData[]): Reading {
  let message: Record<string, unknown> = {};
  const blocks = new Map<number, Record<string, unknown>>();
  const inputs = new Map<number, string>();
  for (const { data } of events) {
    const index = numberOf(data['index']) ?? 0;
    if (data['type'] === 'error') return { ...EMPTY_READING, error: errorText(data) };
    if (data['type'] === 'message_start') message = { ...objectOf(data['message']) };
    if (data['type'] === 'content_block_start') blocks.set(index, { ...objectOf(data['content_block']) });
    if (data['type'] === 'content_block_delta') addDelta(blocks.get(index), inputs, index, objectOf(data['delta']));
    if (data['type'] === 'message_delta') {
      message = { ...message, ...known(objectOf(data['delta'])) };
      message['usage'] = { ...objectOf(message['usage']), ...known(objectOf(data['usage'])) };
    }
  }
  for (const [index, input] of inputs) {
    const block = blocks.get(index);
    if (block !== undefined && input !== '') block['input'] = argumentsOf(input);
  }
  return readMessage({
    ...message,
    content: [...blocks.entries()].sort(([one], [other]) => one - other).map(([, block]) => block),
  });
}

function addDelta(
  block: Record<string, unknown> | undefined,
  inputs: Map<number, string>,
  index: number,
  delta: Json,
): void {
  if (block === undefined) return;
  const append = (member: string, more: unknown) => {
    block[member] = (textOf(block[member]) ?? '') + (textOf(more) ?? '');
  };
  switch (delta['type']) {
    case 'text_delta':
      return append('text', delta['text']);
    case 'thinking_delta':
      return append('thinking', delta['thinking']);
    case 'signature_delta':
      return append('signature', delta['signature']);
    case 'citations_delta':
      block['citations'] = [...objectsOf(block['citations']), objectOf(delta['citation'])];
      return;
    case 'input_json_delta':
      inputs.set(index, (inputs.get(index) ?? '') + (textOf(delta['partial_json']) ?? ''));
      return;
    default:
  }
}

/** A null in a later event says nothing new. */
function known(value: Json): Json {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));
}

/** Input without what was read from and written to the cache stands in `input_tokens`. */
export function messagesUsage(value: unknown): ReadUsage | undefined {
  if (!isJson(value)) return undefined;
  const fresh = numberOf(value['input_tokens']);
  const cacheRead = numberOf(value['cache_read_input_tokens']);
  const cacheWrite = numberOf(value['cache_creation_input_tokens']);
  return {
    input: fresh === undefined ? undefined : fresh + (cacheRead ?? 0) + (cacheWrite ?? 0),
    cacheRead,
    cacheWrite,
    output: numberOf(value['output_tokens']),
    reasoning: numberOf(objectOf(value['output_tokens_details'])['thinking_tokens']),
  };
}

function errorText(value: Json): string {
  const error = objectOf(value['error']);
  return `${textOf(error['type']) ?? 'error'}: ${textOf(error['message']) ?? ''}`;
}
