import { readChunks, readCompletion } from './chat-reader.ts';
import { objectOf, parsed } from './json.ts';
import { readMessage, readMessageStream } from './messages-reader.ts';
import { EMPTY_READING, type Reading, type ReadUsage } from './reading.ts';
import type { Recording } from './recordings.ts';
import { readEvents } from './sse-text.ts';

/** What the recording itself holds, read by none of the product's code. */
export function truthOf({ surface, response, stream, status }: Recording): Reading {
  const chat = surface.dialect === 'openai-chat';
  if (stream) {
    const events = readEvents(response);
    return chat ? readChunks(events) : readMessageStream(events);
  }
  const body = objectOf(parsed(response.toString('utf8')));
  if (status >= 400) return { ...EMPTY_READING, error: `status ${status}` };
  return chat ? readCompletion(body) : readMessage(body);
}

/** Where two counts of use differ. A part that is 0 may be absent: nothing of it was used. */
export function usageDifferences(one: ReadUsage | undefined, other: ReadUsage | undefined): string[] {
  if (one === undefined || other === undefined) {
    return one === other ? [] : [`usage: ${JSON.stringify(one)} / ${JSON.stringify(other)}`];
  }
  const parts = ['input', 'cacheRead', 'cacheWrite', 'output', 'reasoning'] as const;
  return parts.flatMap((part) =>
    (one[part] ?? 0) === (other[part] ?? 0) ? [] : [`usage.${part}: ${one[part]} / ${other[part]}`],
  );
}

/** A call that came without an id gets one: any will do. */
function namedAlike(recorded: Reading['toolCalls'], read: Reading['toolCalls']): Reading['toolCalls'] {
  return read.map((call, at) => (recorded[at]?.id === '' && call.id !== '' ? { ...call, id: '' } : call));
}

const SHOWN_CHARS = 300;

/** Where two readings differ in what a client reads, as `member: recording / client`. */
export function readingDifferences(truth: Reading, read: Reading, members: readonly (keyof Reading)[]): string[] {
  return members.flatMap((member) => {
    if (member === 'usage') return usageDifferences(truth.usage, read.usage);
    const found = member === 'toolCalls' ? namedAlike(truth.toolCalls, read.toolCalls) : read[member];
    const [one, other] = [JSON.stringify(truth[member]), JSON.stringify(found)];
    if (one === other) return [];
    return [`${member}: ${(one ?? 'nothing').slice(0, SHOWN_CHARS)} / ${(other ?? 'nothing').slice(0, SHOWN_CHARS)}`];
  });
}
