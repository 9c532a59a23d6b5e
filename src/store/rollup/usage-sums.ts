import { hash } from 'node:crypto';
import type { CountedAttempt, UsageFacts } from './counted-attempt.ts';
import { Figures } from './figures.ts';

/** What the rows of `usage_hours` are of: all attempts, or those that carry one name, or none. */
export type UsageKind = 'all' | 'end_user' | 'task' | 'tag';

/** One row of `usage_hours` to add to what is there. */
export interface UsageRow {
  readonly kind: UsageKind;
  /** The end user, the task or the tag; empty for all, and for attempts that carry none. */
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly hour: number;
  readonly facts: UsageFacts;
  /** What tells the row from others of its kind and hour: see the table. */
  readonly id: string;
  readonly figures: Figures;
}

const HOUR_MS = 3_600_000;
const VALUE_CHARS_MAX = 256;
const ID_HEX_CHARS = 32;

interface Hour {
  readonly hour: number;
  readonly figures: Figures;
}

/**
 * Sums attempts up by the hour in which their call began.
 *
 * Attempts of one kind share their facts, one object (`start-facts.ts`): they
 * are added under it, at a fraction of a microsecond each, and what the rows
 * are is worked out once for each such object and hour.
 */
export class UsageSums {
  readonly #byFacts = new Map<UsageFacts, Hour[]>();

  get empty(): boolean {
    return this.#byFacts.size === 0;
  }

  /** @param times 1 to count the attempt, -1 to take it back */
  add({ callStartedAt, facts, end }: CountedAttempt, times: 1 | -1 = 1): void {
    this.#figures(facts, callStartedAt).count(end, times);
  }

  /** A cost that an application reports. @param at milliseconds since the epoch */
  addReported(facts: UsageFacts, at: number, amount: bigint): void {
    const figures = this.#figures(facts, at);
    figures.reported = (figures.reported ?? 0n) + amount;
  }

  #figures(facts: UsageFacts, at: number): Figures {
    const hour = at - (((at % HOUR_MS) + HOUR_MS) % HOUR_MS);
    let hours = this.#byFacts.get(facts);
    if (hours === undefined) {
      hours = [];
      this.#byFacts.set(facts, hours);
    }
    for (const known of hours) if (known.hour === hour) return known.figures;
    const figures = new Figures();
    hours.push({ hour, figures });
    return figures;
  }

  /** Each row once, in an order that is the same for everybody: two who write at once wait for each other, never crosswise. */
  rows(): UsageRow[] {
    const rows = new Map<string, UsageRow>();
    for (const [facts, hours] of this.#byFacts) {
      const place = placeOf(facts);
      for (const { hour, figures } of hours) {
        for (const [kind, value] of namesOf(facts)) addTo(rows, { kind, value, hour, facts, figures }, place);
      }
    }
    return [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
  }
}

function addTo(rows: Map<string, UsageRow>, row: Omit<UsageRow, 'id'>, place: string): void {
  const text = part(row.value) + place;
  const key = `${row.kind} ${row.hour} ${text}`;
  const known = rows.get(key);
  if (known !== undefined) {
    known.figures.add(row.figures);
    return;
  }
  // A sum of its own: the same figures may stand under several names.
  const figures = new Figures();
  figures.add(row.figures);
  const id = hash('sha256', text).slice(0, ID_HEX_CHARS);
  rows.set(key, { ...row, figures, id });
}

function namesOf({ endUser, task, tags }: UsageFacts): [UsageKind, string][] {
  const names: [UsageKind, string][] = [
    ['all', ''],
    ['end_user', usageValue(endUser ?? '')],
    ['task', usageValue(task ?? '')],
  ];
  if (tags === undefined || tags.length === 0) names.push(['tag', '']);
  else for (const tag of new Set(tags.map(usageValue))) names.push(['tag', tag]);
  return names;
}

/** A name as rows of `usage_hours` hold it. */
export function usageValue(name: string): string {
  return storable(name.slice(0, VALUE_CHARS_MAX));
}

/** The columns that tell rows of one value apart, as `usage_hour_id` in the migration joins them. */
function placeOf({ organisation, project, keyId, provider, model, operation, route }: UsageFacts): string {
  return [organisation, project, keyId, provider, model, operation, route].map(part).join('');
}

/** Its length goes before it, so that no two different lists of texts come out the same. */
function part(text: string): string {
  const stored = storable(text);
  return `${Buffer.byteLength(stored)}:${stored}`;
}

/** Postgres' text holds any character but NUL, and no half of a surrogate pair. */
export function storable(text: string): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\u{fffd}') : wellFormed;
}
