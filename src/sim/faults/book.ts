import type { Random } from '../../kernel/random.ts';
import { randomFor } from '../draws.ts';
import type { Fault, FaultKind, FaultRule } from './rules.ts';

/** What a rule is compared with. */
export interface FaultOccasion {
  readonly path: string;
  readonly model: string | undefined;
  readonly stream: boolean;
}

/** A rule and how often it was considered and applied. */
export interface FaultRuleState {
  readonly rule: FaultRule;
  readonly seen: number;
  readonly fired: number;
}

interface Entry {
  readonly rule: FaultRule;
  readonly random: Random;
  seen: number;
  fired: number;
}

/** Faults that mean nothing to an answer that is not streamed; their rules do not count such calls. */
const STREAM_ONLY = new Set<FaultKind>([
  'malformed-event',
  'error-event',
  'no-done',
  'huge-event',
  'endless',
  'slow-stream',
]);
const BODY_ONLY = new Set<FaultKind>(['truncated-json']);

/** The rules in force. The first that fires decides; a rule that is passed over is not used up. */
export class FaultBook {
  readonly #seed: number;
  #entries: Entry[] = [];

  constructor(seed: number) {
    this.#seed = seed;
  }

  set(rules: readonly FaultRule[]): void {
    this.#entries = rules.map((rule, index) => ({
      rule,
      random: randomFor(this.#seed, 'fault', index),
      seen: 0,
      fired: 0,
    }));
  }

  states(): FaultRuleState[] {
    return this.#entries.map(({ rule, seen, fired }) => ({ rule, seen, fired }));
  }

  /** The fault for this call, if any. Counts the call for every rule that is looked at. */
  take(occasion: FaultOccasion): Fault | undefined {
    for (const entry of this.#entries) {
      if (!fits(entry.rule, occasion)) continue;
      entry.seen++;
      if (!fires(entry)) continue;
      entry.fired++;
      return entry.rule.fault;
    }
    return undefined;
  }
}

function fits({ match, fault }: FaultRule, occasion: FaultOccasion): boolean {
  if (STREAM_ONLY.has(fault.kind) && !occasion.stream) return false;
  if (BODY_ONLY.has(fault.kind) && occasion.stream) return false;
  if (match === undefined) return true;
  if (match.model !== undefined && match.model !== occasion.model) return false;
  if (match.path !== undefined && match.path !== occasion.path) return false;
  return match.stream === undefined || match.stream === occasion.stream;
}

function fires({ rule, seen, fired, random }: Entry): boolean {
  if (rule.times !== undefined && fired >= rule.times) return false;
  const nth = rule.match?.nth;
  if (typeof nth === 'number' && nth !== seen) return false;
  if (Array.isArray(nth) && !nth.includes(seen)) return false;
  return rule.match?.probability === undefined || random.float() < rule.match.probability;
}
