import { seededRandom } from '../../../src/kernel/random.ts';
import type { Answer } from './books.ts';

export interface LoadOptions {
  /** Where chat completions are asked for. */
  readonly url: string;
  readonly key: string;
  readonly clients: number;
  readonly seed: number;
  /** Begins each call's name, so that no two rounds share one. */
  readonly name: string;
}

/** What a load saw. `troubles` are answers and errors that a healthy gateway must not give. */
export interface Seen {
  readonly asked: string[];
  readonly answers: Answer[];
  readonly troubles: string[];
}

interface Wish {
  readonly stream: boolean;
  readonly usageAsked: boolean;
  readonly body: string;
}

const CALL_MS_MAX = 20_000;
/** Above 1,024 tokens a provider caches a prompt: those tokens are a price class of their own. */
const LONG_PROMPT = `Remember these harbours. ${'Rotterdam, Antwerpen, Hamburg, Valencia, Piraeus. '.repeat(110)}`;

/** Clients that call without pause, streamed and not, until they are stopped or the gateway dies under them. */
export class Load {
  readonly seen: Seen = { asked: [], answers: [], troubles: [] };
  readonly #options: LoadOptions;
  readonly #clients: Promise<void>[];
  #ending = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#clients = Array.from({ length: options.clients }, (_, client) => this.#client(client));
  }

  /** From now on a broken connection is no news: the gateway is about to be killed. */
  expectDeath(): void {
    this.#ending = true;
  }

  /** Lets each client finish its call. */
  async stop(): Promise<Seen> {
    this.#ending = true;
    await Promise.all(this.#clients);
    return this.seen;
  }

  async #client(client: number): Promise<void> {
    const random = seededRandom(this.#options.seed * 1_000 + client);
    for (let n = 0; !this.#ending; n++) {
      const name = `${this.#options.name}-${client}-${n}`;
      this.seen.asked.push(name);
      await this.#call(name, wish(random.float.bind(random), name));
    }
  }

  async #call(name: string, wished: Wish): Promise<void> {
    let head: Pick<Answer, 'callId' | 'attempts' | 'stream'> | undefined;
    try {
      const response = await fetch(this.#options.url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#options.key}`,
          'content-type': 'application/json',
          'x-client-request-id': name,
        },
        body: wished.body,
        signal: AbortSignal.timeout(CALL_MS_MAX),
      });
      const callId = response.headers.get('x-leeward-request-id') ?? '';
      head = { callId, attempts: Number(response.headers.get('x-leeward-attempts')), stream: wished.stream };
      const text = await response.text();
      if (response.status !== 200) this.seen.troubles.push(`${name} was answered ${response.status} ${text}`);
      else this.seen.answers.push({ ...head, ...read(text, wished) });
    } catch (error) {
      // A death tears connections. Whoever had seen a head is owed a row all the same.
      if (head !== undefined) this.seen.answers.push({ ...head, whole: false, usage: undefined });
      if (!this.#ending) this.seen.troubles.push(`${name} failed: ${String(error)}`);
    }
  }
}

function wish(draw: () => number, name: string): Wish {
  const stream = draw() < 0.6;
  const usageAsked = !stream || draw() < 0.5;
  const prompt = draw() < 0.1 ? LONG_PROMPT : 'Say something about the sea.';
  const body = JSON.stringify({
    // Behind the route's first target is a model that fails every other time: then a call has two attempts.
    model: draw() < 0.2 ? 'route/pair' : 'up/sim-small',
    max_tokens: 4 + Math.floor(draw() * 56),
    stream,
    ...(stream && usageAsked ? { stream_options: { include_usage: true } } : {}),
    messages: [
      { role: 'system', content: prompt },
      { role: 'user', content: `This is ${name}.` },
    ],
  });
  return { stream, usageAsked, body };
}

function read(text: string, { stream, usageAsked }: Wish): Pick<Answer, 'whole' | 'usage'> {
  if (!stream) return { whole: true, usage: usageIn(JSON.parse(text)) };
  const events = text.split('\n\n').filter((event) => event.startsWith('data: '));
  const whole = events.at(-1) === 'data: [DONE]';
  const last = events.at(-2);
  return { whole, usage: whole && usageAsked && last !== undefined ? usageIn(JSON.parse(last.slice(6))) : undefined };
}

/** @throws when there is none: the gateway may not swallow what was asked for */
function usageIn(json: unknown): Answer['usage'] {
  const { usage } = json as { usage?: { prompt_tokens: number; completion_tokens: number } };
  if (usage === undefined) throw new Error('the answer says nothing of its usage');
  return { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens };
}
