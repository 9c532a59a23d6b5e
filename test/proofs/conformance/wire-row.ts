import type { Ask } from './asks/ask.ts';
import { askGateway, type ChatDialect, readersOf } from './dialects.ts';
import { expectedReading, unnamedLosses } from './expected.ts';
import type { House } from './house.ts';
import { canonical, type Json, objectOf, objectsOf, parsed } from './json.ts';
import { recordProblems } from './native-lane.ts';
import type { Reading } from './reading.ts';
import type { Recording } from './recordings.ts';
import type { Cut } from './replay.ts';
import { readEvents, type StreamData } from './sse-text.ts';
import { readingDifferences, truthOf } from './truth.ts';

/** Everything that a reader of the client's dialect finds in the bytes. */
const READ: readonly (keyof Reading)[] = [
  'text',
  'reasoning',
  'toolCalls',
  'signatures',
  'sealed',
  'foreignSeals',
  'textSeals',
  'refusal',
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
  client: ChatDialect,
  { request }: Ask,
  cuts: readonly Cut[],
): Promise<string[]> {
  const problems: string[] = [];
  const { surface, stream } = recording;
  const truth = truthOf(recording);
  for (const cut of cuts) {
    house.replay.cut = cut;
    const calls = house.gateway.ends.length;
    const response = await askGateway(house, { dialect: client, stream }, request);
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

function readBytes(client: ChatDialect, stream: boolean, body: Buffer): Reading {
  const readers = readersOf(client);
  return stream ? readers.stream(readEvents(body)) : readers.whole(objectOf(parsed(body.toString('utf8'))));
}

/** What no client notices: a stream that stops without its last words, or events without a name. */
function formProblems(client: ChatDialect, stream: boolean, contentType: string, body: Buffer): string[] {
  const type = stream ? 'text/event-stream' : 'application/json';
  const problems = contentType.startsWith(type) ? [] : [`content-type ${contentType}`];
  if (!stream) return problems;
  const text = body.toString('utf8');
  if (client === 'openai-chat') {
    if (!text.endsWith('data: [DONE]\n\n')) problems.push(`it ends in ${JSON.stringify(text.slice(-80))}`);
    return [...problems, ...numberProblems(readEvents(body).map(({ data }) => data))];
  }
  const events = readEvents(body);
  if (client === 'gemini') return problems;
  if (client === 'openai-responses') return [...problems, ...itemProblems(events)];
  if (events.at(-1)?.data['type'] !== 'message_stop') problems.push('its last event is not message_stop');
  const nameless = events.filter(({ event, data }) => event !== data['type']).length;
  if (nameless > 0) problems.push(`${nameless} events are not named by their type`);
  return [...problems, ...orderProblems(events.map(({ data }) => data))];
}

/** Events are numbered without a gap, the last one closes the answer, and items are numbered as they are added. */
function itemProblems(events: readonly StreamData[]): string[] {
  const problems: string[] = [];
  const last = events.at(-1)?.data['type'];
  if (!/^response\.(?:completed|incomplete)$/.test(String(last))) problems.push(`its last event is ${String(last)}`);
  const nameless = events.filter(({ event, data }) => event !== data['type']).length;
  if (nameless > 0) problems.push(`${nameless} events are not named by their type`);
  const skipped = events.findIndex(({ data }, at) => data['sequence_number'] !== at);
  if (skipped >= 0)
    problems.push(`event ${skipped} has the number ${String(events[skipped]?.data['sequence_number'])}`);
  const added = events.filter(({ data }) => data['type'] === 'response.output_item.added');
  const done = events.filter(({ data }) => data['type'] === 'response.output_item.done');
  for (const [at, { data }] of added.entries()) {
    if (data['output_index'] !== at) problems.push(`item ${at} has the index ${String(data['output_index'])}`);
  }
  const output = objectsOf(objectOf(events.at(-1)?.data['response'])['output']);
  if (done.length !== added.length || output.length !== added.length) {
    problems.push(`${added.length} items were added, ${done.length} ended, ${output.length} are in the answer`);
  }
  for (const [at, { data }] of done.entries()) {
    if (canonical(data['item']) !== canonical(output[at]))
      problems.push(`item ${at} ends otherwise than in the answer`);
  }
  return problems;
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
