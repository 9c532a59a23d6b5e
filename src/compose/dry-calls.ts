import type { KnownKey } from '../access/authenticator.ts';
import type { ImaginedCall } from '../admin/admin-parts.ts';
import { anthropicMessages } from '../edge/anthropic/dialects.ts';
import { gemini, geminiStream } from '../edge/gemini/dialects.ts';
import { type DryRunJson, dryRunJson } from '../edge/http/dry-run-json.ts';
import { requestFacts } from '../edge/http/request-facts.ts';
import { openAiChat, openAiEmbeddings } from '../edge/openai/dialects.ts';
import { openAiResponses } from '../edge/responses/dialects.ts';
import type { AdmittedCall, Caller } from '../exchange/call.ts';
import type { NativeCall } from '../exchange/dialect.ts';
import { dryRun } from '../exchange/dry-run.ts';
import type { TokenCounter } from '../exchange/token-counter.ts';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { Random } from '../kernel/random.ts';
import type { HoldTaker } from '../money/hold.ts';
import type { Router } from '../routing/router.ts';
import type { Weather } from '../routing/weather.ts';
import { planOf } from './call-plan.ts';
import { callerOfKey } from './caller-of-key.ts';
import { LazyTranslations } from './translations.ts';

export interface DryCallsParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly weather: Weather;
  readonly tokens: TokenCounter;
  readonly looking: HoldTaker;
  readonly tenant: { readonly organisation: string; readonly project: string };
  router(): Router;
  keyById(id: string): Promise<KnownKey | undefined>;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** A Messages call must have a bound: as much as Anthropic's own examples ask for. */
const MESSAGES_TOKENS_MAX = 1_024;
/** The id of a call that is imagined stands in no record. */
const NO_CALL = 'call_imagined';

/** Says what would happen to calls, now, without making them. */
export class DryCalls {
  readonly #parts: DryCallsParts;
  readonly #translations = new LazyTranslations();

  constructor(parts: DryCallsParts) {
    this.#parts = parts;
  }

  /** Of a call as a client has sent it. */
  async answer(call: AdmittedCall): Promise<DryRunJson> {
    const { clock, router } = this.#parts;
    const run = await dryRun(call, {
      ...this.#parts,
      translations: this.#translations,
      plan: (planned) => planOf(planned, router()),
    });
    return dryRunJson(run, clock.monotonicMs());
  }

  /** @throws `invalid_request` where no client could send it, `not_found` without such a key */
  async imagine(imagined: ImaginedCall): Promise<DryRunJson> {
    const { clock } = this.#parts;
    const caller = await this.#callerOf(imagined);
    const headers = {
      ...imagined.headers,
      ...(imagined.route === undefined ? {} : { 'x-leeward-route': imagined.route }),
    };
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    return this.answer({
      id: NO_CALL,
      arrivedAt: clock.now(),
      arrivedMs: clock.monotonicMs(),
      caller,
      request: await this.#requestOf(imagined),
      facts: requestFacts({ headers: lower, rawHeaders: Object.entries(lower).flat() }),
      configVersion: '',
      priceVersion: '',
    });
  }

  async #requestOf(imagined: ImaginedCall): Promise<NativeCall> {
    const { model, operation, stream, messages, maxTokens, inputTokens } = imagined;
    const chat = {
      model,
      messages: messages ?? [{ role: 'user', content: '' }],
      ...(stream ? { stream } : {}),
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    };
    const request =
      operation === 'chat' ? await this.#chatOf(imagined, chat) : openAiEmbeddings.parse(json({ model, input: '' }));
    return inputTokens === undefined ? request : sized(request, inputTokens);
  }

  async #chatOf({ model, dialect = 'openai', stream }: ImaginedCall, chat: JsonObject): Promise<NativeCall> {
    if (dialect === 'openai') return openAiChat.parse(json(chat));
    if (dialect === 'anthropic-messages') {
      return anthropicMessages.parse(json({ max_tokens: MESSAGES_TOKENS_MAX, ...chat }));
    }
    await this.#translations.prepare();
    const { client, provider } = this.#translations.between('openai-chat', dialect);
    const body = json(provider.writeCall(client.readCall(chat), { ...TRAITS, model }, []));
    if (dialect === 'openai-responses') return openAiResponses.parse(body);
    return (stream ? geminiStream : gemini).parse(body, {
      param: encodeURIComponent(model.toWellFormed()),
      query: 'alt=sse',
    });
  }

  async #callerOf({ key: id, project }: ImaginedCall): Promise<Caller> {
    const { tenant, keyById, clock } = this.#parts;
    if (id === undefined) return { ...tenant, ...(project === undefined ? {} : { project }), keyId: 'imagined' };
    const key = await keyById(id);
    if (key === undefined) {
      throw new GatewayError('not_found', { message: `There is no key ${id.slice(0, 64)}.`, param: 'key' });
    }
    const ended = key.revokedAt ?? key.expiresAt;
    if (key.revokedAt !== undefined || (ended !== undefined && ended <= clock.now())) {
      throw new GatewayError('invalid_request', {
        message: `The key ${id.slice(0, 64)} is not valid any more.`,
        param: 'key',
      });
    }
    return callerOfKey(key);
  }
}

/** As a client of another dialect than Chat Completions would send it. */
const TRAITS = { maxTokensField: 'max_tokens', streamUsageOption: true } as const;

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The same request with so many input tokens. */
function sized(request: NativeCall, inputTokens: number): NativeCall {
  return {
    ...request,
    measure: () => ({ ...request.measure(), inputTokensMax: inputTokens, otherTokensMax: inputTokens, text: () => '' }),
  };
}
