import { Agent, request } from 'node:http';

/** A call that got its answer: under which name it was asked for, and by which id the gateway knows it. */
export interface Answered {
  readonly id: string;
  readonly model: 'live' | 'route/pair';
}

export interface LoadOptions {
  readonly url: string;
  readonly key: string;
  readonly clients: number;
}

interface Answer {
  readonly status: number;
  readonly id: string;
  readonly text: string;
}

const CALL_MS_MAX = 20_000;
const MESSAGES = [{ role: 'user', content: 'Say something about the sea.' }];

/** Clients that call without pause, streamed and not, until they are stopped. */
export class Load {
  readonly answered: Answered[] = [];
  readonly troubles: string[] = [];
  streams = 0;
  readonly #options: LoadOptions;
  readonly #agent: Agent;
  readonly #clients: Promise<void>[];
  #ending = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.clients });
    this.#clients = Array.from({ length: options.clients }, (_, client) => this.#client(client));
  }

  async stop(): Promise<void> {
    this.#ending = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  async #client(client: number): Promise<void> {
    for (let n = client; !this.#ending; n++) {
      const stream = n % 2 === 0;
      const model = n % 5 === 0 ? 'route/pair' : 'live';
      try {
        const body = JSON.stringify({ model, stream, max_tokens: stream ? 40 : 10, messages: MESSAGES });
        const answer = await call(this.#options, this.#agent, body);
        const whole = answer.status === 200 && (!stream || answer.text.endsWith('data: [DONE]\n\n'));
        // A route whose targets both failed answers with the last one's error: only its first target does here.
        if (whole) this.answered.push({ id: answer.id, model });
        else this.troubles.push(`${model} was answered ${answer.status}: ${answer.text.slice(-300)}`);
        if (whole && stream) this.streams++;
      } catch (error) {
        this.troubles.push(`${model} failed: ${String(error)}`);
      }
    }
  }
}

/** A number of calls over a few connections, for what each of them costs. @throws when one is not answered with 200 */
export async function callMany(options: LoadOptions, calls: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.clients });
  let left = calls;
  const client = async () => {
    while (left-- > 0) {
      const model = left % 2 === 0 ? 'live' : 'route/pair';
      const { status, text } = await call(options, agent, JSON.stringify({ model, messages: MESSAGES }));
      if (status !== 200) throw new Error(`a measured call was answered ${status}: ${text.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: options.clients }, client));
  agent.destroy();
}

function call({ url, key }: LoadOptions, agent: Agent, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/chat/completions`, {
      method: 'POST',
      agent,
      timeout: CALL_MS_MAX,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    });
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const id = String(response.headers['x-leeward-request-id'] ?? '');
        resolve({ status: response.statusCode ?? 0, id, text: Buffer.concat(parts).toString() });
      });
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${CALL_MS_MAX} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
