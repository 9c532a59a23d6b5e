import { Agent, request } from 'node:http';

/** How calls ended, by what their clients saw. */
export interface Seen {
  answered: number;
  /** A stream that ended in an error event. */
  broken: number;
  /** An error status with a body that says why. */
  refused: number;
  /** The client hung up itself. */
  left: number;
  /** Anything else: no answer, half an answer, silence. Must not be. */
  lost: number;
}

const SILENT_MS = 30_000;
const LEAVES_SHARE = 0.01;
const DONE = 'data: [DONE]';

/** Clients of the gateway: half of their calls are streamed, a few hang up. */
export class Load {
  readonly seen: Seen = { answered: 0, broken: 0, refused: 0, left: 0, lost: 0 };
  /** Why calls were refused, by the code of the error. */
  readonly refusals = new Map<string, number>();
  /** What became of those that were lost, by what was said. */
  readonly lost = new Map<string, number>();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  readonly #url: string;
  readonly #key: string;
  #calls = 0;
  #underWay = 0;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  get underWay(): number {
    return this.#underWay;
  }

  get calls(): number {
    return this.#calls;
  }

  /** As many calls as there can be, `lanes` at once. */
  async flatOut(lanes: number, forMs: number): Promise<void> {
    const endMs = performance.now() + forMs;
    const lane = async () => {
      while (performance.now() < endMs) await this.#call();
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#agent.destroy();
  }

  /** Calls begin at this rate, whether earlier ones have ended or not. @returns what stops it and waits for the rest */
  steady(perSecond: number): () => Promise<void> {
    let owed = 0;
    let lastMs = performance.now();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      owed += ((nowMs - lastMs) * perSecond) / 1_000;
      lastMs = nowMs;
      for (; owed >= 1; owed--) void this.#call();
    }, 10);
    return async () => {
      clearInterval(timer);
      while (this.#underWay > 0) await new Promise((resolve) => setTimeout(resolve, 50));
      this.close();
    };
  }

  #call(): Promise<void> {
    const number = this.#calls++;
    const stream = number % 2 === 0;
    const leaves = Math.random() < LEAVES_SHARE;
    const body = JSON.stringify({
      model: 'route/main',
      stream,
      max_tokens: 40,
      messages: [{ role: 'user', content: `Say something about the number ${number}, and about the sea.` }],
    });
    this.#underWay++;
    return new Promise((resolve) => {
      let over = false;
      const finish = (how: keyof Seen, why = '') => {
        if (over) return;
        over = true;
        clearTimeout(silence);
        this.seen[how]++;
        const reasons = how === 'lost' ? this.lost : how === 'refused' ? this.refusals : undefined;
        reasons?.set(why, (reasons.get(why) ?? 0) + 1);
        this.#underWay--;
        resolve();
      };
      const sent = request(`${this.#url}/v1/chat/completions`, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          authorization: `Bearer ${this.#key}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      });
      const silence = setTimeout(() => {
        finish('lost', 'silence');
        sent.destroy();
      }, SILENT_MS);
      sent.on('error', (error) => finish('lost', error.message));
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
          if (!leaves) return;
          finish('left');
          sent.destroy();
        });
        response.on('error', (error) => finish('lost', error.message));
        response.on('end', () => finish(...verdict(response.statusCode ?? 0, stream, text)));
      });
      sent.end(body);
    });
  }
}

function verdict(status: number, stream: boolean, text: string): [keyof Seen, string?] {
  if (status >= 400)
    return text.includes('"error"') ? ['refused', codeOf(status, text)] : ['lost', `status ${status} without an error`];
  if (status !== 200) return ['lost', `status ${status}`];
  if (!stream) return text.endsWith('}') ? ['answered'] : ['lost', 'half an answer'];
  if (text.includes(DONE)) return ['answered'];
  return text.includes('"error"') ? ['broken'] : ['lost', 'a stream without an end'];
}

function codeOf(status: number, text: string): string {
  return `${status} ${/"code":"([a-z_]+)"/.exec(text)?.[1] ?? ''}`.trim();
}
