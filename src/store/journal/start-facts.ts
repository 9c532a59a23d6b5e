import type { AttemptCheckpoint, AttemptEnd, AttemptStart } from '../../protocol/attempt-record.ts';
import { usualEnd } from './end-line.ts';
import { parseRecord } from './record-parser.ts';

/** What tells one start from another of the same kind. */
type Own = 'kind' | 'callId' | 'attempt' | 'callStartedAt' | 'startedAt' | 'traceId' | 'clientRequestId';

/** Who called what: the same for most calls of a client, and then one object. */
export type StartFacts = Omit<AttemptStart, Own>;

/** A start as the journal is replayed: what is its own, and what it has in common with others. */
export type JournalStart = Pick<AttemptStart, Own> & { readonly facts: StartFacts };

export type JournalRecord = JournalStart | AttemptEnd | AttemptCheckpoint;

export function asJournalStart(start: AttemptStart): JournalStart {
  const { kind, callId, attempt, callStartedAt, startedAt, traceId, clientRequestId, ...facts } = start;
  return {
    kind,
    callId,
    attempt,
    callStartedAt,
    startedAt,
    ...(traceId === undefined ? undefined : { traceId }),
    ...(clientRequestId === undefined ? undefined : { clientRequestId }),
    facts,
  };
}

/** Beyond it the texts are forgotten. A text has at most 8 KiB. */
const TEXTS_MAX = 500;

/**
 * A start as the writer writes it: what is its own first, then the facts, then
 * the two ids that come from the client. Whatever looks otherwise is parsed whole.
 * No text inside the facts looks like such an id: there quotes are escaped, and
 * an object or a list is closed before the record is.
 */
const HEAD =
  /^\{"kind":"start","callId":"(\w+)","attempt":(\d{1,4}),"callStartedAt":(\d{1,15}),"startedAt":(\d{1,15}),/;
const TAIL = /(?:,"traceId":"(\w*)")?(?:,"clientRequestId":"([\w.:-]*)")?\}$/;
/** Longer than the two ids with their names; ids that do not fit stay among the facts, and are seen there. */
const TAIL_CHARS = 400;
const CLIENT_IDS = /"(?:traceId|clientRequestId)":/;

/**
 * Parses records. The facts of a start are parsed and checked once for each text
 * of them and then known by that text, which takes half the time.
 */
export class RecordParser {
  readonly #facts = new Map<string, StartFacts>();

  /** @throws when it is no JSON, or a known field holds what its column cannot */
  parse(line: string): JournalRecord {
    const head = HEAD.exec(line);
    if (head === null) return usualEnd(line) ?? this.#whole(line);
    const [matched, callId = '', attempt, callStartedAt, startedAt] = head;
    const tailFrom = Math.max(matched.length, line.length - TAIL_CHARS);
    const tail = TAIL.exec(line.slice(tailFrom));
    if (tail === null) return this.#whole(line);
    const text = line.slice(matched.length, tailFrom + tail.index);
    const facts = this.#facts.get(text);
    if (facts === undefined) return this.#learn(text, line, head);
    const [, traceId, clientRequestId] = tail;
    return {
      kind: 'start',
      callId,
      attempt: Number(attempt),
      callStartedAt: Number(callStartedAt),
      startedAt: Number(startedAt),
      ...(traceId === undefined ? undefined : { traceId }),
      ...(clientRequestId === undefined ? undefined : { clientRequestId }),
      facts,
    };
  }

  #whole(line: string): JournalRecord {
    const record = parseRecord(line);
    return record.kind === 'start' ? asJournalStart(record) : record;
  }

  #learn(text: string, line: string, [, callId, attempt, callStartedAt, startedAt]: RegExpExecArray): JournalRecord {
    const record = this.#whole(line);
    // A field that stands twice is what the second one says, which the text alone would not tell.
    const isAsItBegins =
      record.kind === 'start' &&
      record.callId === callId &&
      record.attempt === Number(attempt) &&
      record.callStartedAt === Number(callStartedAt) &&
      record.startedAt === Number(startedAt);
    if (!isAsItBegins || CLIENT_IDS.test(text)) return record;
    if (this.#facts.size >= TEXTS_MAX) this.#facts.clear();
    this.#facts.set(text, record.facts);
    return record;
  }
}
