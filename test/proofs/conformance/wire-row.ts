import type { Ask } from './asks/ask.ts';
import { readChunks, readCompletion } from './chat-reader.ts';
import { expectedReading, unnamedLosses } from './expected.ts';
import type { House } from './house.ts';
import { type Json, objectOf, objectsOf, parsed } from './json.ts';
import { readMessage, readMessageStream } from './messages-reader.ts';
import { recordProblems } from './native-lane.ts';
import type { Reading } from './reading.ts';
import type { Recording } from './recordings.ts';
import type { Cut } from './replay.ts';
import { readEvents } from './sse-text.ts';
import { readingDifferences, truthOf } from './truth.ts';

/** Everything that a reader of the client's dialect finds in the bytes. */
const READ: readonly (keyof Reading)[] = [
  'text',
  'reasoning',
  'toolCalls',
  'signatures',
  'sealed',
  'foreignSeals',
  'bareThoughts',
  'finish',
  'usage',
  'webCitations',
  'stopSequence',
];

/** The client's bytes themselves: their form, their end, what they say, and what is on record; the same however they were cut. */
export async function bytesProblems(
  recording: Recording,
  house: House,
  { request }: Ask,
  cuts: readonly Cut[],
): Promise<string[]> {
  const problems: string[] = [];
  const { surface, stream } = recording;
  const client = surface.dialect === 'openai-chat' ? 'anthropic-messages' : 'openai-chat';
  const truth = truthOf(recording);
  for (const cut of cuts) {
    house.replay.cut = cut;
    const calls = house.gateway.ends.length;
    const path = client === 'openai-chat' ? '/v1/chat/completions' : '/v1/messages';
    const response = await house.gateway.post(path, { ...request, model: house.model });
    const body = Buffer.from(await response.arrayBuffer());
    const found: string[] = [];
    if (truth.error === undefined) {
      const expected = expectedReading(truth, surface.dialect, client);
      if (response.status !== 200) found.push(`status ${response.status}: ${body.toString('utf8', 0, 300)}`);
      else {
        found.push(...formProblems(client, stream, response.headers.get('content-type') ?? '', body));
        found.push(...readingDifferences(expected, readBytes(client, stream, body), READ));
      }
    }
    found.push(...(await recordProblems(recording, house, calls)));
    problems.push(...found.map((problem) => `${cut}: ${problem}`));
  }
  return [...problems, ...unnamedLosses(truth, surface.dialect, client, READ)];
}

function readBytes(client: 'openai-chat' | 'anthropic-messages', stream: boolean, body: Buffer): Reading {
  if (stream) {
    const events = readEvents(body);
    return client === 'openai-chat' ? readChunks(events) : readMessageStream(events);
  }
  const value = objectOf(parsed(body.toString('utf8')));
  return client === 'openai-chat' ? readCompletion(value) : readMessage(value);
}

/** What no client notices: a stream that stops without its last words, or events without a name. */
function formProblems(client: string, stream: boolean, contentType: string, body: Buffer): string[] {
  const type = stream ? 'text/event-stream' : 'application/json';
  const problems = contentType.startsWith(type) ? [] : [`content-type ${contentType}`];
  if (!stream) return problems;
  const text = body.toString('utf8');
  if (client === 'openai-chat') {
    if (!text.endsWith('data: [DONE]\n\n')) problems.push(`it ends in ${JSON.stringify(text.slice(-80))}`);
    return [...problems, ...numberProblems(readEvents(body).map(({ data }) => data))];
  }
  const events = readEvents(body);
  if (events.at(-1)?.data['type'] !== 'message_stop') problems.push('its last event is not message_stop');
  const nameless = events.filter(({ event, data }) => event !== data['type']).length;
  if (nameless > 0) problems.push(`${nameless} events are not named by their type`);
  return [...problems, ...orderProblems(events.map(({ data }) => data))];
}

/** Blocks are numbered as they begin, and one ends before the next begins. */
function orderProblems(events: readonly Readonly<Record<string, unknown>>[]): string[] {
  let open: unknown;
  let begun = 0;
  for (const { type, index } of events) {
    if (type === 'content_block_start') {
      if (open !== undefined) return [`block ${String(index)} begins before block ${String(open)} ends`];
      if (index !== begun) return [`block ${String(index)} is the one after ${begun - 1}`];
      open = index;
      begun++;
    } else if (type === 'content_block_delta' && index !== open)
      return [`a delta of block ${String(index)}, which is not open`];
    else if (type === 'content_block_stop') open = undefined;
  }
  return open === undefined ? [] : [`block ${String(open)} never ends`];
}

/** Calls of tools are numbered from 0 as they begin: clients put their pieces together by that. */
function numberProblems(chunks: readonly Json[]): string[] {
  const begun = new Set<number>();
  for (const { delta } of chunks.flatMap(({ choices }) => objectsOf(choices))) {
    for (const { index } of objectsOf(objectOf(delta)['tool_calls'])) {
      if (typeof index !== 'number') return ['a piece of a call has no index'];
      if (!begun.has(index) && index !== begun.size) return [`call ${index} is the one after ${begun.size - 1}`];
      begun.add(index);
    }
  }
  return [];
}
