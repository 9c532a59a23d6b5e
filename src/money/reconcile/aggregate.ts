import { type NanoUsd, nano, pico } from '../../kernel/amounts.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { costRoundedUp, type LedgerLine, type StatementLine, TOKEN_KINDS, type TokenCounts } from './lines.ts';

/** Models times stretches of time that are held at once. */
const GROUPS_MAX = 200_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DATED = /-(?:20\d{6}|20\d{2}-\d{2}-\d{2})$/;

/** One model in one stretch of time, on both sides. */
export interface ComparedGroup {
  readonly model: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly until: number;
  readonly here: GroupSide;
  readonly there: GroupSide;
  readonly differs: { readonly tokens: boolean; readonly cost: boolean; readonly requests: boolean };
  /** What the provider bills above what we have booked; 0 where it names no amount. */
  readonly difference: NanoUsd;
}

export interface GroupSide {
  /** Attempts here, requests there; absent where the statement does not count them. */
  readonly requests?: bigint;
  readonly tokens: TokenCounts;
  readonly cost?: NanoUsd;
  /** Of ours: attempts whose cost nobody knows. */
  readonly withoutCost: number;
}

interface Sums {
  requests: bigint;
  readonly tokens: { -readonly [Kind in keyof TokenCounts]: bigint };
  costPico: bigint;
  withoutCost: number;
}

interface Group {
  readonly model: string;
  readonly at: number;
  readonly here: Sums;
  readonly there: Sums;
}

/**
 * Sums of both sides by model and stretch of time, for statements that name no
 * single request. A date at the end of a model's name is left out, because
 * providers bill snapshots of what was asked for.
 */
export class Aggregates {
  readonly #groups = new Map<string, Group>();
  #widthMs: number | undefined;
  #hasModels = false;
  readonly #given = { tokens: new Set<keyof TokenCounts>(), cost: false, requests: false };

  /** @param widthMs of the stretches, where the statement's own lines do not say */
  constructor(widthMs?: number) {
    this.#widthMs = widthMs;
  }

  /** Milliseconds; known once a line of the statement was added. */
  get widthMs(): number {
    return this.#widthMs ?? DAY_MS;
  }

  addThere({ line, model, at, until, tokens, requests, cost }: StatementLine): void {
    if (at === undefined) throw refusal(`Line ${line} of the statement names neither a request nor a time`);
    const width = until === undefined ? (this.#widthMs ?? (at % DAY_MS === 0 ? DAY_MS : MINUTE_MS)) : until - at;
    this.#widthMs ??= width;
    if (width <= 0 || width !== this.#widthMs || at % this.#widthMs !== 0) {
      throw refusal(
        `Line ${line} of the statement is about another stretch of time than ${this.#widthMs} ms from a full one on`,
      );
    }
    if (model !== undefined) this.#hasModels = true;
    const { there } = this.#group(model ?? '', at);
    if (requests !== undefined) {
      there.requests += requests;
      this.#given.requests = true;
    }
    if (cost !== undefined) {
      there.costPico += cost;
      this.#given.cost = true;
    }
    for (const kind of TOKEN_KINDS) {
      const count = tokens[kind];
      if (count === undefined) continue;
      there.tokens[kind] = (there.tokens[kind] ?? 0n) + count;
      this.#given.tokens.add(kind);
    }
  }

  /** Only after all of the statement: its lines say how wide the stretches are. */
  addHere({ model, startedAt, tokens, cost, outcome }: LedgerLine): void {
    const at = startedAt - (startedAt % this.widthMs);
    const { here } = this.#group(this.#hasModels ? model : '', at);
    here.requests++;
    if (cost !== undefined) here.costPico += cost * 1_000n;
    else if (outcome !== 'failed') here.withoutCost++;
    for (const kind of TOKEN_KINDS) {
      const count = tokens[kind];
      if (count !== undefined) here.tokens[kind] = (here.tokens[kind] ?? 0n) + count;
    }
  }

  #group(named: string, at: number): Group {
    const model = named.replace(DATED, '');
    const key = `${at}/${model}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= GROUPS_MAX) {
        throw refusal(`The statement has more than ${GROUPS_MAX} models and times. Split it by time`);
      }
      group = { model, at, here: noSums(), there: noSums() };
      this.#groups.set(key, group);
    }
    return group;
  }

  /** Every group, by time and model. What the statement does not say at all is not compared. */
  *compared(): Generator<ComparedGroup> {
    for (const { model, at, here, there } of [...this.#groups.values()].sort(byTimeAndModel)) {
      const given = this.#given;
      const costHere = nano(costRoundedUp(pico(here.costPico)));
      const costThere = nano(costRoundedUp(pico(there.costPico)));
      yield {
        model,
        at,
        until: at + this.widthMs,
        here: { requests: here.requests, tokens: here.tokens, cost: costHere, withoutCost: here.withoutCost },
        there: {
          tokens: there.tokens,
          withoutCost: 0,
          ...(given.requests ? { requests: there.requests } : {}),
          ...(given.cost ? { cost: costThere } : {}),
        },
        differs: {
          tokens: [...given.tokens].some((kind) => (here.tokens[kind] ?? 0n) !== (there.tokens[kind] ?? 0n)),
          cost: given.cost && costHere !== costThere,
          requests: given.requests && here.requests !== there.requests,
        },
        difference: nano(given.cost ? costThere - costHere : 0n),
      };
    }
  }
}

function noSums(): Sums {
  return { requests: 0n, tokens: {}, costPico: 0n, withoutCost: 0 };
}

function byTimeAndModel(one: Group, other: Group): number {
  return one.at - other.at || (one.model < other.model ? -1 : 1);
}

function refusal(what: string): GatewayError {
  return new GatewayError('invalid_request', { message: `${what}; compare shorter or other stretches of time` });
}
