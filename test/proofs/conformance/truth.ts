import { OWN_NAME } from './clients/ai-sdk-client.ts';
import { readersOf } from './dialects.ts';
import { objectOf, parsed } from './json.ts';
import { EMPTY_READING, type Reading, type ReadUsage } from './reading.ts';
import type { Recording } from './recordings.ts';
import { readEvents } from './sse-text.ts';

/** What the recording itself holds, read by none of the product's code. */
export function truthOf({ surface, response, stream, status }: Recording): Reading {
  const readers = readersOf(surface.dialect);
  if (stream) return readers.stream(readEvents(response));
  const body = objectOf(parsed(response.toString('utf8')));
  if (status >= 400) return { ...EMPTY_READING, error: `status ${status}` };
  return readers.whole(body);
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
function namedAlike({ toolCalls: recorded }: Reading, { toolCalls: read }: Reading): Reading['toolCalls'] {
  return read.map((call, at) => {
    const told = recorded[at]?.id ?? '';
    return call.id === OWN_NAME || (told === '' && call.id !== '') ? { ...call, id: told } : call;
  });
}

/** Thoughts are told in one piece or in several, with space between them; seals stand in the places that a dialect has. */
function textIn(reading: Reading, member: keyof Reading): string | undefined {
  if (member === 'reasoning') return JSON.stringify(reading.reasoning.replace(/\s+/g, ' ').trim());
  if (member === 'foreignSeals') return JSON.stringify([...reading.foreignSeals].sort());
  if (member === 'webCitations') return JSON.stringify([...new Set(reading.webCitations)].sort());
  return JSON.stringify(reading[member]);
}

const SHOWN_CHARS = 300;

/** Where two readings differ in what a client reads, as `member: recording / client`. */
export function readingDifferences(truth: Reading, read: Reading, members: readonly (keyof Reading)[]): string[] {
  return members.flatMap((member) => {
    if (member === 'usage') return usageDifferences(truth.usage, read.usage);
    const [one, other] = [textIn(truth, member), textIn({ ...read, toolCalls: namedAlike(truth, read) }, member)];
    if (one === other) return [];
    return [`${member}: ${(one ?? 'nothing').slice(0, SHOWN_CHARS)} / ${(other ?? 'nothing').slice(0, SHOWN_CHARS)}`];
  });
}
