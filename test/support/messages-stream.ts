import type { StreamEvent } from '../../src/protocol/chat/answer.ts';
import type { StreamReader } from '../../src/protocol/chat/codec.ts';
import { messagesProvider } from '../../src/providers/anthropic/codec.ts';
import type { Wire } from './messages-arbitrary.ts';

/** A whole answer as Anthropic streams it: its texts and inputs in pieces of `pieceChars`, signatures and citations whole. */
export function streamOf(message: Wire, pieceChars: number): Buffer {
  const { content, stop_reason, stop_sequence, stop_details, container, usage, ...head } = message;
  const begun = { input_tokens: (usage as Wire)['input_tokens'], output_tokens: 1 };
  const events: Wire[] = [
    { type: 'message_start', message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: begun } },
    { type: 'ping' },
  ];
  for (const [index, block] of (content as Wire[]).entries()) {
    const { start, deltas } = pieces(block, pieceChars);
    events.push({ type: 'content_block_start', index, content_block: start });
    for (const delta of deltas) events.push({ type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  }
  const delta = {
    stop_reason,
    stop_sequence: stop_sequence ?? null,
    stop_details: stop_details ?? null,
    ...(container === undefined ? {} : { container }),
  };
  events.push({ type: 'message_delta', delta, usage }, { type: 'message_stop' });
  return Buffer.from(
    events.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  );
}

function pieces(block: Wire, pieceChars: number): { start: Wire; deltas: Wire[] } {
  switch (block['type']) {
    case 'text': {
      const { citations, ...text } = block;
      const cited = ((citations as Wire[] | undefined) ?? []).map((citation) => ({
        type: 'citations_delta',
        citation,
      }));
      const said = cut(String(block['text']), pieceChars).map((piece) => ({ type: 'text_delta', text: piece }));
      return { start: { ...text, text: '' }, deltas: [...cited, ...said] };
    }
    case 'thinking': {
      const thought = cut(String(block['thinking']), pieceChars).map((piece) => ({
        type: 'thinking_delta',
        thinking: piece,
      }));
      const signed = { type: 'signature_delta', signature: block['signature'] };
      return { start: { type: 'thinking', thinking: '', signature: '' }, deltas: [...thought, signed] };
    }
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use': {
      const written = cut(JSON.stringify(block['input']), pieceChars);
      return {
        start: { ...block, input: {} },
        deltas: ['', ...written].map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
      };
    }
    default:
      return { start: block, deltas: [] };
  }
}

function cut(text: string, chars: number): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; at += chars) found.push(text.slice(at, at + chars));
  return found;
}

/** What a reader makes of bytes that come in these pieces. */
export function eventsOf(chunks: readonly Buffer[], reader: StreamReader = messagesReader()): StreamEvent[] {
  const events = chunks.flatMap((chunk) => [...reader.push(chunk)]);
  events.push(...reader.finish());
  return events;
}

export function messagesReader(): StreamReader {
  return messagesProvider.streamReader({ eventBytesMax: 1_000_000 });
}

/** The bytes in pieces that end at the given places. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.filter((place) => place > 0 && place < bytes.length), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

export function withoutPings(events: readonly StreamEvent[]): StreamEvent[] {
  return events.filter(({ type }) => type !== 'ping');
}
