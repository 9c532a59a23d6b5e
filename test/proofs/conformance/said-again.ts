import { type Json, numberOf, objectOf, objectsOf, textOf } from './json.ts';
import { argumentsOf } from './reading.ts';
import type { StreamData } from './sse-text.ts';

/** The message that a streamed answer of Chat Completions was, as a client keeps it for its next request. */
export function assembledChat(events: readonly StreamData[]): Json {
  let content = '';
  const details: Json[] = [];
  const calls: Record<string, unknown>[] = [];
  for (const { data } of events) {
    const delta = objectOf(objectsOf(data['choices'])[0]?.['delta']);
    content += textOf(delta['content']) ?? '';
    details.push(...objectsOf(delta['reasoning_details']));
    for (const piece of objectsOf(delta['tool_calls'])) {
      const index = numberOf(piece['index']) ?? 0;
      calls[index] = withPiece(calls[index] ?? {}, piece);
    }
  }
  return {
    role: 'assistant',
    content: content === '' ? null : content,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
  };
}

/** What comes first stays, but for the texts that come in pieces. */
function withPiece(call: Json, { index: _, ...piece }: Json): Record<string, unknown> {
  const found: Record<string, unknown> = { ...piece, ...call };
  for (const [form, said] of [
    ['function', 'arguments'],
    ['custom', 'input'],
  ] as const) {
    const [before, more] = [objectOf(call[form]), objectOf(piece[form])];
    if (!(form in found)) continue;
    found[form] = { ...more, ...before, [said]: (textOf(before[said]) ?? '') + (textOf(more[said]) ?? '') };
  }
  return found;
}

/** The blocks that a streamed message was, as a client keeps them for its next request. */
export function assembledMessage(events: readonly StreamData[]): Json[] {
  const blocks: Record<string, unknown>[] = [];
  const inputs = new Map<Record<string, unknown>, string>();
  for (const { data } of events) {
    const index = numberOf(data['index']) ?? 0;
    if (data['type'] === 'content_block_start') blocks[index] = { ...objectOf(data['content_block']) };
    const block = blocks[index];
    if (data['type'] !== 'content_block_delta' || block === undefined) continue;
    const delta = objectOf(data['delta']);
    for (const member of ['text', 'thinking', 'signature']) {
      const more = textOf(delta[member]);
      if (more !== undefined) block[member] = (textOf(block[member]) ?? '') + more;
    }
    const piece = textOf(delta['partial_json']);
    if (piece !== undefined) inputs.set(block, (inputs.get(block) ?? '') + piece);
    if (delta['type'] === 'citations_delta')
      block['citations'] = [...objectsOf(block['citations']), objectOf(delta['citation'])];
  }
  for (const [block, input] of inputs) if (input !== '') block['input'] = argumentsOf(input);
  return blocks.filter(Boolean);
}

/** The items of a streamed answer of Responses. */
export function assembledItems(events: readonly StreamData[]): readonly Json[] {
  return objectsOf(objectOf(events.at(-1)?.data['response'])['output']);
}

/** The contents of a streamed answer of Gemini: Google's client keeps each event's as a content of its own. */
export function assembledContents(events: readonly StreamData[]): Json[] {
  const contents = events.map(({ data }) => objectOf(objectsOf(data['candidates'])[0]?.['content']));
  return contents.filter(({ parts }) => objectsOf(parts).length > 0);
}
