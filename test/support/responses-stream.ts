import type { StreamEvent } from '../../src/protocol/chat/answer.ts';
import type { StreamReaderOptions } from '../../src/protocol/chat/codec.ts';
import { responsesProvider } from '../../src/providers/responses/codec.ts';

export type Wire = Record<string, unknown>;

/** Events of the Responses API as bytes, numbered as OpenAI numbers them. */
export function bytesOf(events: readonly Wire[]): Buffer {
  const written = events.map((event, at) => {
    const { type, ...more } = event;
    return `event: ${String(type)}\ndata: ${JSON.stringify({ type, sequence_number: at, ...more })}\n\n`;
  });
  return Buffer.from(written.join(''));
}

/** A whole answer as OpenAI streams it, its texts and arguments in pieces of `pieceChars`. */
export function streamOf(response: Wire, pieceChars = 3): Wire[] {
  const { output, usage, incomplete_details, ...head } = response;
  const begun = { ...head, status: 'in_progress', output: [], usage: null, incomplete_details: null };
  const end = response['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed';
  return [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...(output as Wire[]).flatMap((item, at) => itemEvents(item, at, pieceChars)),
    { type: end, response },
  ];
}

function itemEvents(item: Wire, output_index: number, chars: number): Wire[] {
  const at = { item_id: item['id'], output_index };
  const start: Wire = { ...item, ...('status' in item ? { status: 'in_progress' } : {}) };
  for (const name of ['content', 'summary']) if (Array.isArray(start[name])) start[name] = [];
  for (const name of ['arguments', 'input']) if (typeof start[name] === 'string') start[name] = '';
  return [
    { type: 'response.output_item.added', output_index, item: start },
    ...insideEvents(item, at, chars),
    { type: 'response.output_item.done', output_index, item },
  ];
}

function insideEvents(item: Wire, at: Wire, chars: number): Wire[] {
  switch (item['type']) {
    case 'message':
      return (item['content'] as Wire[]).flatMap((part, content_index) =>
        contentEvents(part, { ...at, content_index }, chars),
      );
    case 'reasoning':
      return [
        ...texts(item['summary']).flatMap((text, summary_index) =>
          summaryEvents(text, { ...at, summary_index }, chars),
        ),
        ...texts(item['content']).flatMap((text, content_index) =>
          pieces('response.reasoning_text', 'text', text, { ...at, content_index }, chars),
        ),
      ];
    case 'function_call':
      return pieces('response.function_call_arguments', 'arguments', String(item['arguments']), at, chars);
    case 'custom_tool_call':
      return pieces('response.custom_tool_call_input', 'input', String(item['input']), at, chars);
    case 'web_search_call':
      return ['in_progress', 'searching', 'completed'].map((step) => ({
        type: `response.web_search_call.${step}`,
        ...at,
      }));
    default:
      return [];
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(({ text }: Wire) => String(text)) : [];
}

function summaryEvents(text: string, at: Wire, chars: number): Wire[] {
  return [
    { type: 'response.reasoning_summary_part.added', ...at, part: { type: 'summary_text', text: '' } },
    ...pieces('response.reasoning_summary_text', 'text', text, at, chars),
    { type: 'response.reasoning_summary_part.done', ...at, part: { type: 'summary_text', text } },
  ];
}

function contentEvents(part: Wire, at: Wire, chars: number): Wire[] {
  const refusal = part['type'] === 'refusal';
  const [member, name] = refusal ? ['refusal', 'response.refusal'] : ['text', 'response.output_text'];
  const start = { ...part, [member]: '', ...(refusal ? {} : { annotations: [] }) };
  const annotations = Array.isArray(part['annotations']) ? part['annotations'] : [];
  const logprobs = refusal ? {} : { logprobs: part['logprobs'] ?? [] };
  return [
    { type: 'response.content_part.added', ...at, part: start },
    ...cut(String(part[member]), chars).map((delta) => ({ type: `${name}.delta`, ...at, delta })),
    ...annotations.map((annotation: unknown, annotation_index) => ({
      type: 'response.output_text.annotation.added',
      ...at,
      annotation,
      annotation_index,
    })),
    { type: `${name}.done`, ...at, [member]: part[member], ...logprobs },
    { type: 'response.content_part.done', ...at, part },
  ];
}

function pieces(type: string, member: string, text: string, at: Wire, chars: number): Wire[] {
  return [
    ...cut(text, chars).map((delta) => ({ type: `${type}.delta`, ...at, delta, obfuscation: 'x'.repeat(chars) })),
    { type: `${type}.done`, ...at, [member]: text },
  ];
}

/** Pieces of a text that never cut a character in two. */
function cut(text: string, chars: number): string[] {
  const whole = [...text];
  const parts: string[] = [];
  for (let at = 0; at < whole.length; at += chars) parts.push(whole.slice(at, at + chars).join(''));
  return parts;
}

/** Everything that a reader makes of a stream's bytes. */
export function eventsOf(parts: readonly Buffer[], options: Partial<StreamReaderOptions> = {}): StreamEvent[] {
  const reader = responsesProvider.streamReader({ eventBytesMax: 10_000_000, ...options });
  const events = parts.flatMap((part) => reader.push(part));
  events.push(...reader.finish());
  if (reader.heldBytes !== 0) throw new Error(`${reader.heldBytes} bytes are still held`);
  return events;
}

export function withoutPings(events: readonly StreamEvent[]): StreamEvent[] {
  return events.filter(({ type }) => type !== 'ping');
}
