import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Transport, UpstreamHandler, UpstreamRequest, UpstreamStream } from '../protocol/upstream.ts';
import { latencyMs } from './draws.ts';
import { errorAnswer, readRequest } from './provider-answers.ts';
import { RateMeter } from './rate-meter.ts';
import type { ProviderProfile } from './setup.ts';
import { type Answer, SimulatedRequest } from './simulated-request.ts';
import { type Fate, WeatherNow } from './weather-now.ts';
import { WorkLine } from './work-line.ts';

/** Carries what the bytes of a request would tell a real model: how long its input is, and how long an answer it makes. */
export const SIZE_HEADER = 'x-simulated-tokens';
const FULL_RETRY_MS = 1_000;
/** An answer without any bound is not longer than this. */
const OUTPUT_TOKENS_MAX = 16_384;

export interface ProviderParts {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * A provider at the other end of a transport: it speaks OpenAI's chat, is as
 * fast as its profile says, works on so many requests at once, and suffers
 * what its conditions bring.
 */
export class SimulatedProvider {
  readonly transport: Transport;
  /** Requests that have come. */
  requests = 0;
  readonly #profile: ProviderProfile;
  readonly #parts: ProviderParts;
  readonly #weather: WeatherNow;
  readonly #meter: RateMeter | undefined;
  readonly #line: WorkLine | undefined;
  readonly #open = new Set<SimulatedRequest>();

  constructor(profile: ProviderProfile, parts: ProviderParts) {
    this.#profile = profile;
    this.#parts = parts;
    this.#weather = new WeatherNow(profile.conditions);
    this.#meter = profile.rateLimit && new RateMeter(profile.rateLimit);
    const { capacity } = profile;
    this.#line =
      capacity &&
      new WorkLine({
        clock: parts.clock,
        capacity,
        concurrent: () => this.#weather.capacity(parts.clock.monotonicMs(), capacity.concurrent),
      });
    this.transport = {
      dispatch: (request, handler) => this.#dispatch(request, handler),
      close: async () => {
        for (const request of this.#open) request.fail('aborted', true);
      },
    };
  }

  /** Requests that nobody has ended. */
  get open(): number {
    return this.#open.size;
  }

  /** Timers that a provider may leave behind: work that nobody waits for. */
  get ownTimers(): number {
    return this.#line?.working ?? 0;
  }

  #dispatch(request: UpstreamRequest, handler: UpstreamHandler): UpstreamStream {
    const { clock, random } = this.#parts;
    this.requests++;
    const seen = readRequest(request.body ?? new Uint8Array());
    const size = sizeOf(request.headers);
    const atMs = clock.monotonicMs();
    const { firstToken, tokensPerSecond, overrunShare = 0 } = this.#profile;
    const shape = typeof firstToken === 'function' ? firstToken(atMs, seen.model) : firstToken;
    // Always as many draws, so that what befalls one request does not move the others.
    const plainMs = latencyMs(random, shape);
    const overruns = random.float() < overrunShare;
    const fate = this.#weather.fate(atMs, seen.model, random);
    const own = this.#profile.outputTokensMaxOf?.(seen.model) ?? OUTPUT_TOKENS_MAX;
    const allowed = Math.min(seen.maxTokens ?? own, own);
    const output = overruns ? allowed + size.output : Math.min(size.output, allowed);
    const firstTokenMs = plainMs * (fate.kind === 'served' ? fate.latencyTimes : 1);
    const made = new SimulatedRequest({
      clock,
      handler,
      stream: seen.stream,
      wantsUsage: seen.wantsUsage,
      usage: { input: size.input, output },
      firstTokenMs,
      speakingMs: (output * 1_000) / tokensPerSecond,
      onOver: () => this.#open.delete(made),
    });
    this.#open.add(made);
    this.#answer(made, fate, { input: size.input, allowed });
    return made;
  }

  #answer(request: SimulatedRequest, fate: Fate, size: { readonly input: number; readonly allowed: number }): void {
    const refusal = this.#refusal(fate, size);
    if (refusal !== undefined) request.refuse(refusal);
    else if (fate.kind === 'fails') request.misbehave(fate.failure);
    else this.#serve(request);
  }

  #serve(request: SimulatedRequest): void {
    const headers = this.#meter?.headers(this.#parts.clock.monotonicMs()) ?? [];
    if (this.#line === undefined) {
      request.serve(headers);
      return;
    }
    const job = this.#line.join(request.workMs, () => request.serve(headers));
    if (job === undefined) request.refuse(fullAnswer(this.#profile.capacity?.whenFull ?? 503));
    else request.onLeft = () => job.abandon();
  }

  /** An answer that refuses a request before any work is done on it. */
  #refusal(fate: Fate, { input, allowed }: { readonly input: number; readonly allowed: number }): Answer | undefined {
    const { contextTokensMax } = this.#profile;
    if (fate.kind === 'throttled') return throttledAnswer(fate);
    const tooLong = contextTokensMax !== undefined && input > contextTokensMax;
    if (tooLong || (fate.kind === 'declined' && fate.reason === 'context-length')) return tooLongAnswer(input);
    if (fate.kind === 'declined') return policyAnswer();
    if (fate.kind === 'fails' || this.#meter === undefined) return undefined;
    const atMs = this.#parts.clock.monotonicMs();
    const waitMs = this.#meter.admit(atMs, input + Math.min(allowed, OUTPUT_TOKENS_MAX));
    if (waitMs === undefined) return undefined;
    return {
      status: 429,
      headers: this.#meter.headers(atMs, waitMs),
      body: errorAnswer('requests', 'rate_limit_exceeded', 'Rate limit reached.'),
    };
  }
}

function throttledAnswer({ retryAfterMs, exhausted }: Extract<Fate, { kind: 'throttled' }>): Answer {
  const headers = retryAfterMs === undefined ? [] : [['retry-after', String(Math.ceil(retryAfterMs / 1_000))] as const];
  const body = exhausted
    ? errorAnswer('insufficient_quota', 'insufficient_quota', 'You exceeded your current quota.')
    : errorAnswer('requests', 'rate_limit_exceeded', 'Rate limit reached.');
  return { status: 429, headers, body };
}

function tooLongAnswer(input: number): Answer {
  const message = `This model's maximum context length is less than the ${input} tokens of your messages.`;
  return {
    status: 400,
    headers: [],
    body: errorAnswer('invalid_request_error', 'context_length_exceeded', message),
  };
}

function policyAnswer(): Answer {
  const message = 'The request was rejected by the content policy.';
  return { status: 400, headers: [], body: errorAnswer('invalid_request_error', 'content_policy_violation', message) };
}

function fullAnswer(status: 429 | 503): Answer {
  const headers = [
    ['retry-after', '1'],
    ['retry-after-ms', String(FULL_RETRY_MS)],
  ] as const;
  return { status, headers, body: errorAnswer('server_error', 'overloaded', 'The server is overloaded.') };
}

function sizeOf(headers: readonly string[]): { readonly input: number; readonly output: number } {
  const at = headers.lastIndexOf(SIZE_HEADER);
  const [input = '1', output = '1'] = at < 0 ? [] : (headers[at + 1] ?? '').split(';');
  return { input: Number(input), output: Number(output) };
}
