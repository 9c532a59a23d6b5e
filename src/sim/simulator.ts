import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { type BillLine, SimBilling } from './bill.ts';
import { CallCounts, type CallRecord, type CallTotals, type OpenCall } from './counts.ts';
import type { Asked, ReadRequest, RequireKey, Shape, SimDialect, SimRequest } from './dialect.ts';
import { Dialects } from './dialects.ts';
import { alphanumeric, randomFor } from './draws.ts';
import { FaultBook, type FaultRuleState } from './faults/book.ts';
import { insteadOfAnswer } from './faults/instead.ts';
import { type Performance, perform } from './faults/perform.ts';
import { type Fault, parseFaultRules } from './faults/rules.ts';
import type { Latency } from './latency.ts';
import { SIM_MODELS, type SimModel } from './models.ts';
import type { SimAnswer } from './playback.ts';
import { PromptCache } from './prompt-cache.ts';
import { isWarm, TokenCounter, warm } from './tokenizer.ts';

export interface SimulatorOptions {
  /** A whole number. The same seed and the same requests in the same order give the same bytes. */
  readonly seed: number;
  readonly clock: Clock;
  readonly models?: readonly SimModel[];
  /** In place of every model's own. */
  readonly latency?: Latency;
  readonly requireKey?: RequireKey;
  /** Fault rules in force from the start; checked like those set later. */
  readonly faults?: unknown;
  /** How many calls are remembered one by one. */
  readonly callsKeptMax?: number;
}

const CALLS_KEPT_MAX = 100_000;
/** Where dialects have their keys. */
const KEY_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key'];

/**
 * The simulated provider without any sockets: a request goes in, an answer
 * comes out that is still to be played (`Playback`). `prepare()` must have
 * resolved before a call.
 */
export class Simulator {
  readonly #options: SimulatorOptions;
  readonly #models: ReadonlyMap<string, SimModel>;
  readonly #faults: FaultBook;
  readonly #counts: CallCounts;
  readonly #tokens = new TokenCounter();
  readonly #promptCache = new PromptCache();
  readonly #billing: SimBilling;
  readonly #dialects = new Dialects();
  #calls = 0;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.#models = new Map((options.models ?? SIM_MODELS).map((model) => [model.id, model]));
    this.#billing = new SimBilling(this.#models);
    this.#faults = new FaultBook(options.seed);
    this.#counts = new CallCounts(options.clock, options.callsKeptMax ?? CALLS_KEPT_MAX);
    if (options.faults !== undefined) this.setFaults(options.faults);
  }

  /**
   * Loads what a request needs, the tokenizer and its dialect, unless that is there.
   *
   * @returns undefined when `handle` can be called at once; else what to wait for
   */
  prepare({ path, headers }: Pick<SimRequest, 'path' | 'headers'>): Promise<void> | undefined {
    const dialect = this.#dialects.prepare({ pathname: pathnameOf(path), headers });
    if (isWarm()) return dialect;
    return Promise.all([warm(), dialect]).then(() => undefined);
  }

  /** What the provider does about a request. Counts the call; whoever takes the answer must play it or abort it. */
  handle(request: SimRequest): SimAnswer {
    const read = readRequest(request);
    const dialect = this.#dialects.of(read);
    const occasion = { path: read.pathname, ...(dialect.asked?.(read) ?? askedOf(read.json)) };
    const fault = this.#faults.take(occasion);
    const n = ++this.#calls;
    const random = randomFor(this.#options.seed, 'call', n);
    const requestId = `req_${alphanumeric(random, 32)}`;
    const runsOn = this.#billing.onCancel(read.path.slice(read.pathname.length)) === 'run-on';
    const call = this.#counts.open({
      n,
      method: read.method,
      path: read.pathname,
      stream: occasion.stream,
      authorized: KEY_HEADERS.some((name) => name in read.headers),
      requestId,
      ...(occasion.model === undefined ? {} : { model: occasion.model }),
      ...(read.headers['x-client-request-id'] === undefined
        ? {}
        : { clientRequestId: read.headers['x-client-request-id'] }),
      ...(fault === undefined ? {} : { fault: fault.kind }),
    });
    try {
      return { ...this.#answer(dialect, read, fault, random, call), call, runsOn };
    } catch (error) {
      // A mistake of the simulator's own: its books must not show the call as under way for ever.
      call.settle('error');
      throw error;
    }
  }

  #answer(
    dialect: SimDialect,
    read: ReadRequest,
    fault: Fault | undefined,
    random: Random,
    call: OpenCall,
  ): Performance {
    const nowMs = this.#options.clock.now();
    const instead =
      fault === undefined ? undefined : insteadOfAnswer(fault, dialect.voice, nowMs, call.record.requestId);
    const draft =
      instead ??
      dialect.answer(read, {
        seed: this.#options.seed,
        random,
        nowMs,
        tokens: this.#tokens,
        promptCache: this.#promptCache,
        models: this.#models,
        latencyOf: (model) => this.#options.latency ?? model.latency,
        requireKey: this.#options.requireKey ?? false,
        shape: shapeOf(fault),
        call,
      });
    return perform(draft, fault, dialect.voice, dialect.voice.headers(call.record.requestId, draft.afterMs));
  }

  /** @throws `invalid_request` that names what is wrong; the rules in force then stay */
  setFaults(rules: unknown): void {
    this.#faults.set(parseFaultRules(rules));
  }

  faults(): FaultRuleState[] {
    return this.#faults.states();
  }

  counts(): CallTotals {
    return this.#counts.totals();
  }

  /** Remembered calls whose number is above `since`, oldest first. */
  calls(since?: number, limit?: number): CallRecord[] {
    return this.#counts.calls(since, limit);
  }

  /** The provider's bill: one line for each call it began to bill, oldest first, of `limit` calls above `since`. */
  bill(since?: number, limit?: number): BillLine[] {
    return this.calls(since, limit).flatMap((call) => this.#billing.line(call) ?? []);
  }

  /** @throws `invalid_request` that names what is wrong; the billing then stays as it was */
  setBilling(settings: unknown): void {
    this.#billing.set(settings);
  }

  billing(): unknown {
    return this.#billing.settings();
  }

  /** As if just started: no calls, no faults, nothing cached, and the same answers again from the first. */
  reset(): void {
    this.#counts.reset();
    this.#faults.set([]);
    this.#billing.reset();
    this.#promptCache.clear();
    this.#dialects.reset();
    this.#calls = 0;
  }
}

function readRequest(request: SimRequest): ReadRequest {
  const pathname = pathnameOf(request.path);
  return { ...request, pathname, json: request.body.length === 0 ? undefined : parsed(request.body) };
}

function pathnameOf(path: string): string {
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch (error) {
    // A body that is not JSON is the client's mistake; the dialect says so in its own words.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function askedOf(json: unknown): Asked {
  if (typeof json !== 'object' || json === null) return { model: undefined, stream: false };
  const model = 'model' in json && typeof json.model === 'string' ? json.model.slice(0, 200) : undefined;
  return { model, stream: 'stream' in json && json.stream === true };
}

function shapeOf(fault: Fault | undefined): Shape {
  return {
    overrunTokens: fault?.kind === 'overrun' ? fault.tokens : 0,
    usage: fault?.kind === 'no-usage' ? 'none' : fault?.kind === 'bad-usage' ? fault.form : 'honest',
    usagePlace: fault?.kind === 'usage' ? fault.place : 'own',
    ...(fault?.kind === 'usage' && fault.text !== undefined ? { usageText: fault.text } : {}),
    ...(fault?.kind === 'endless' && fault.of === 'tokens' ? { endless: { intervalMs: fault.intervalMs } } : {}),
  };
}
