import type { AdmittedCall } from '../exchange/call.ts';
import type { NativeCall } from '../exchange/dialect.ts';
import type { IdMaker } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import { gapMs, tokens } from './draws.ts';
import { sdkRetryMs } from './sdk-retry.ts';
import type { RequestShape, SimulationSetup } from './setup.ts';
import { type CallParts, SimulatedCall } from './simulated-call.ts';
import { SIZE_HEADER } from './simulated-provider.ts';
import type { CallOutcome } from './simulation-report.ts';

const CALLER = { organisation: 'org_simulated', project: 'proj_simulated', keyId: 'key_simulated' };
/** Input is counted in steps, so that requests of about the same size share their bytes. */
const INPUT_STEPS_PER_DOUBLING = 4;
/** Bodies that are kept parsed. */
const BODIES_MAX = 512;
const PROGRESS_EVERY = 1_000;

interface Request {
  readonly shape: RequestShape;
  readonly native: NativeCall;
  readonly size: string;
  readonly atMs: number;
  readonly leavesAfterMs: number | undefined;
  readonly slowMs: number | undefined;
}

export interface ApplicationsParts extends CallParts {
  readonly setup: SimulationSetup;
  readonly ids: IdMaker;
  readonly random: Random;
  /** For clients that try again: apart from the others, so that what fails does not move what is asked. */
  readonly retryRandom: Random;
  /** Of a call that sets no deadline of its own, in milliseconds. */
  readonly deadlineMs: number;
}

/** All who call: requests arrive, each is a call, and one that fails is perhaps sent again by its client. */
export class Applications {
  readonly #parts: ApplicationsParts;
  readonly #bodies = new Map<string, NativeCall>();
  readonly #weightSum: number;
  #requests = 0;
  #unfinished = 0;
  #arriving = true;

  constructor(parts: ApplicationsParts) {
    this.#parts = parts;
    this.#weightSum = parts.setup.traffic.shapes.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Nobody will come any more and nobody waits. */
  get over(): boolean {
    return !this.#arriving && this.#unfinished === 0;
  }

  start(): void {
    const { bursts = [] } = this.#parts.setup.traffic;
    for (const { atMs, requests } of bursts) {
      this.#unfinished++;
      this.#parts.clock.after(atMs, () => {
        for (let index = 0; index < requests; index++) this.#arrive();
        this.#unfinished--;
      });
    }
    this.#next();
  }

  /** The next arrival: candidates of the highest rate are thinned out to the rate of their instant. */
  #next(): void {
    const { setup, clock, random } = this.#parts;
    const { ratePerSecond, ratePerSecondMax, requestsMax } = setup.traffic;
    const nowMs = clock.monotonicMs();
    let atMs = nowMs;
    for (;;) {
      atMs = ratePerSecondMax > 0 ? atMs + gapMs(random, ratePerSecondMax) : Number.POSITIVE_INFINITY;
      if (atMs >= setup.durationMs || this.#requests >= requestsMax) {
        this.#arriving = false;
        return;
      }
      if (random.float() * ratePerSecondMax < ratePerSecond(atMs)) break;
    }
    clock.after(atMs - nowMs, () => {
      this.#arrive();
      this.#next();
    });
  }

  #arrive(): void {
    const { setup, clock, random, tallies } = this.#parts;
    if (this.#requests >= setup.traffic.requestsMax) return;
    this.#requests++;
    this.#unfinished++;
    const atMs = clock.monotonicMs();
    tallies.requested(atMs);
    if (this.#requests % PROGRESS_EVERY === 0) setup.onProgress?.(atMs, this.#requests);
    const { leavesShare = 0, leavesWithinMs = 0, slowShare = 0, slowMs = 0 } = setup.traffic.clients ?? {};
    const shape = this.#shape();
    // As many draws for each, whatever comes of them: two runs of one seed see the same requests.
    const [input, output] = [tokens(random, shape.inputTokens), tokens(random, shape.outputTokens)];
    const [leaves, leavesAt, slow] = [random.float(), random.float(), random.float()];
    const inputTokens = stepped(input);
    this.#call(
      {
        shape,
        native: this.#body(shape, inputTokens),
        size: `${inputTokens};${output}`,
        atMs,
        leavesAfterMs: leaves < leavesShare ? leavesAt * leavesWithinMs : undefined,
        slowMs: slow < slowShare ? slowMs : undefined,
      },
      0,
    );
  }

  #call(request: Request, retry: number): void {
    const { clock, ids, deadlineMs, accuse } = this.#parts;
    const { shape, native, leavesAfterMs, slowMs } = request;
    const call: AdmittedCall = {
      id: ids.next('call'),
      arrivedAt: clock.now(),
      arrivedMs: clock.monotonicMs(),
      caller: shape.caller ?? CALLER,
      request: native,
      facts: {
        forwarded: [SIZE_HEADER, request.size],
        ...(shape.timeoutMs === undefined ? {} : { timeoutMs: shape.timeoutMs }),
      },
      configVersion: 'simulated',
      priceVersion: 'simulated',
    };
    const habits = { retry, deadlineMs: Math.min(shape.timeoutMs ?? deadlineMs, deadlineMs), leavesAfterMs, slowMs };
    let ended = false;
    let owed = true;
    const finish = () => {
      if (ended && !owed) this.#unfinished--;
    };
    const simulated = new SimulatedCall(this.#parts, call, habits, (outcome, sink) => {
      if (ended) accuse(`${call.id}: its client heard of two ends`);
      ended = true;
      this.#onEnd(request, outcome, sink);
      finish();
    });
    simulated.run(() => {
      owed = false;
      finish();
    });
  }

  #onEnd(
    request: Request,
    outcome: CallOutcome,
    sink: { readonly status: number; readonly cut: boolean; header(name: string): string | undefined },
  ): void {
    const { setup, clock, retryRandom, tallies } = this.#parts;
    setup.onCall?.(outcome);
    if (outcome.end === 'ok' || outcome.end === 'degraded') tallies.answered(request.atMs);
    const { retriesMax = 0 } = setup.traffic.clients ?? {};
    // A stream that broke is not sent again by any SDK: its status was 200.
    if (outcome.end === 'left' || sink.status === 200 || outcome.retry >= retriesMax) return;
    const waitMs = sdkRetryMs(
      { status: sink.cut ? 0 : sink.status, header: (name) => sink.header(name) },
      outcome.retry,
      retryRandom,
    );
    if (waitMs === undefined) return;
    this.#unfinished++;
    clock.after(waitMs, () => {
      this.#call(request, outcome.retry + 1);
    });
  }

  #shape(): RequestShape {
    const { shapes } = this.#parts.setup.traffic;
    let rest = this.#parts.random.float() * this.#weightSum;
    for (const shape of shapes) {
      rest -= shape.weight;
      if (rest < 0) return shape;
    }
    const last = shapes.at(-1);
    if (last === undefined) throw new Error('the traffic has no shape of a request');
    return last;
  }

  #body({ model, stream, maxOutputTokens }: RequestShape, inputTokens: number): NativeCall {
    const key = `${model} ${stream} ${maxOutputTokens} ${inputTokens}`;
    const known = this.#bodies.get(key);
    if (known !== undefined) return known;
    const made = this.#parts.house.request({ model, stream, inputTokens, maxOutputTokens });
    if (this.#bodies.size < BODIES_MAX) this.#bodies.set(key, made);
    return made;
  }
}

function stepped(count: number): number {
  return Math.round(2 ** (Math.round(Math.log2(count) * INPUT_STEPS_PER_DOUBLING) / INPUT_STEPS_PER_DOUBLING));
}
