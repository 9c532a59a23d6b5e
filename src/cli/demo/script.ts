import type { Clock } from '../../kernel/clock.ts';
import { formatCount, formatDuration, formatUsd } from '../../observability/format.ts';
import type { Caller } from '../call/caller.ts';
import { type ChatOutcome, chat } from '../call/chat.ts';
import { chatBody, chatHeaders } from '../call/chat-request.ts';
import { type CallRecord, recordOfCall } from '../call/record.ts';
import { tableText } from '../io.ts';
import { nanoUsdOf } from '../money-text.ts';
import { PROVIDERS, type Stage } from './stage.ts';
import type { Voice } from './voice.ts';

const ROUTE = 'route/writer';
const CALLS = 5;
/** The call before which the first provider dies. */
const DEATH = 3;

/** The demo from its first call to its bill. */
export class Script {
  readonly #stage: Stage;
  readonly #voice: Voice;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #calls: string[] = [];

  constructor(stage: Stage, voice: Voice, clock: Clock, signal: AbortSignal) {
    this.#stage = stage;
    this.#voice = voice;
    this.#clock = clock;
    this.#signal = signal;
  }

  async play(): Promise<void> {
    await this.#answer();
    await this.#brokenStream();
    const fellBack = await this.#outage();
    await this.#reasons(fellBack);
    await this.#unknownModel();
    await this.#bill();
  }

  async #answer(): Promise<void> {
    const { line, paint } = this.#tools();
    await this.#voice.act('A streamed answer');
    line(paint.dim(`model "${ROUTE}" means: northwind, and southwind when northwind fails`));
    const outcome = await this.#typed('What do sailors say about lighthouses?', ROUTE);
    line(paint.dim(this.#summary(outcome)));
  }

  async #brokenStream(): Promise<void> {
    const { line, paint } = this.#tools();
    await this.#voice.act('A provider breaks off in the middle of its answer');
    await this.#stage.setFaults('northwind', [{ kind: 'cut', afterEvents: 20 }]);
    const outcome = await this.#typed('And what about storms?', ROUTE);
    line(paint.bad(outcome.failure?.message ?? 'the stream ended well'));
    line(
      paint.dim('You hold half an answer: the stream says so, instead of making up an ending or a second beginning.'),
    );
  }

  async #outage(): Promise<string | undefined> {
    const { line, paint } = this.#tools();
    await this.#voice.act('A provider dies, and calls go on');
    await this.#stage.setFaults('northwind', []);
    let fellBack: string | undefined;
    for (let call = 1; call <= CALLS; call++) {
      if (call === DEATH) {
        await this.#stage.setFaults('northwind', [{ kind: 'reset' }]);
        line(paint.bad('northwind is down: it resets every connection'));
      }
      const outcome = await this.#call(`Name a port, please (${call})`, ROUTE, 12);
      if (outcome.provider === 'southwind') fellBack ??= outcome.requestId;
      const attempts = outcome.attempts === '1' ? '' : `  ${outcome.attempts} attempts`;
      const ended = outcome.failure === undefined ? paint.good('answered') : paint.bad('failed');
      line(`call ${call}  ${ended} by ${outcome.provider}  ${formatDuration(outcome.totalMs)}${attempts}`);
      await this.#voice.pause(350);
    }
    return fellBack;
  }

  async #reasons(callId: string | undefined): Promise<void> {
    const { line, paint } = this.#tools();
    const record = callId === undefined ? undefined : await this.#record(callId);
    if (record === undefined) return;
    await this.#voice.act('Every attempt is on record, with its reason');
    line(paint.dim(`GET /v1/calls/${callId}`));
    for (const { attempt, provider, outcome, error_message, route_reason } of record.attempts) {
      const how = outcome === 'ok' ? paint.good('ok') : paint.bad(outcome ?? 'running');
      line(`attempt ${attempt}  ${provider}  ${how}  ${route_reason}`);
      if (error_message != null) line(paint.dim(`           ${error_message}`));
    }
  }

  async #unknownModel(): Promise<void> {
    const { line, paint } = this.#tools();
    await this.#voice.act('A name that is not known');
    line(paint.dim('model "route/writr"'));
    const { failure } = await this.#call('Hello?', 'route/writr', 12);
    line(paint.bad(failure?.message ?? 'it was answered'));
    if (failure !== undefined) line(paint.dim(`→ ${failure.next}`));
  }

  async #bill(): Promise<void> {
    await this.#voice.act('What it used and cost');
    const records = await Promise.all(this.#calls.map((id) => this.#record(id)));
    const attempts = records.flatMap((record) => record?.attempts ?? []);
    const rows = PROVIDERS.map((name) => {
      const own = attempts.filter(({ provider }) => provider === name);
      const sum = (field: 'input_tokens' | 'output_tokens') =>
        formatCount(own.reduce((total, { usage }) => total + (usage?.[field] ?? 0), 0));
      const costs = own.map(({ cost }) => nanoUsdOf(cost));
      const known = costs.filter((cost) => cost !== undefined);
      return [
        name,
        String(own.length),
        String(own.filter(({ outcome }) => outcome !== 'ok').length),
        sum('input_tokens'),
        sum('output_tokens'),
        formatUsd(known.reduce((total, cost) => total + cost, 0n)),
        String(costs.length - known.length),
      ];
    });
    const table = tableText(['PROVIDER', 'ATTEMPTS', 'FAILED', 'INPUT', 'OUTPUT', 'COST', 'COST UNKNOWN'], rows);
    for (const line of table.trimEnd().split('\n')) this.#voice.line(line);
    this.#voice.line(this.#voice.paint.dim('An attempt whose usage nobody told counts as unknown, never as 0.'));
  }

  /** A call whose text types itself. */
  async #typed(prompt: string, model: string): Promise<ChatOutcome> {
    const outcome = await this.#call(prompt, model, undefined, (text) => this.#voice.type(text));
    this.#voice.typed();
    return outcome;
  }

  async #call(
    prompt: string,
    model: string,
    maxTokens?: number,
    onText: (text: string) => void = () => undefined,
  ): Promise<ChatOutcome> {
    const outcome = await chat({
      caller: this.#caller(),
      body: chatBody({ model, prompt, maxTokens }),
      headers: chatHeaders(undefined),
      signal: this.#signal,
      clock: this.#clock,
      onText,
      onBytes: () => undefined,
    });
    this.#signal.throwIfAborted();
    if (outcome.requestId !== undefined) this.#calls.push(outcome.requestId);
    return outcome;
  }

  #record(callId: string): Promise<CallRecord | undefined> {
    return recordOfCall(callId, this.#caller(), this.#clock);
  }

  #caller(): Caller {
    return { url: this.#stage.url, key: this.#stage.key, keyShell: '$LEEWARD_API_KEY' };
  }

  #summary(outcome: ChatOutcome): string {
    const first = outcome.firstTextMs === undefined ? '' : `, first text after ${formatDuration(outcome.firstTextMs)}`;
    return `answered by ${outcome.provider}/${outcome.model} (${outcome.routeReason})${first}`;
  }

  #tools() {
    return { line: (text: string) => this.#voice.line(text), paint: this.#voice.paint };
  }
}
