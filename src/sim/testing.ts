import { loadDialects } from './dialects.ts';
import type { Simulator } from './simulator.ts';
import { warm } from './tokenizer.ts';

/** For tests that ask without preparing each request. */
export async function ready(): Promise<void> {
  await Promise.all([warm(), loadDialects()]);
}

/** For tests: a request body of the chat endpoint, loose enough to be wrong on purpose. */
export type ChatBody = { model: string; messages: readonly unknown[] } & Record<string, unknown>;

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The parsed body. Tests reach into it freely, and a wrong reach fails them. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests' own expectations are the type.
  readonly json: any;
}

/** Plays a whole answer at once, without waiting, and settles it as a client would that stays to the end. */
export function ask(
  simulator: Simulator,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  path = '/v1/chat/completions',
): Asked {
  const bytes =
    body === undefined ? new Uint8Array(0) : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const answer = simulator.handle({ method: body === undefined ? 'GET' : 'POST', path, headers, body: bytes });
  const parts: Uint8Array[] = [];
  for (const step of answer.steps) {
    if (step.kind === 'stall') break;
    if (step.kind === 'bytes') {
      parts.push(step.bytes);
      answer.call.sent(step.bytes.length, step.tokens, step.reasoning);
    } else if (step.kind !== 'head') {
      answer.call.settle(step.kind === 'end' ? step.outcome : 'cut');
    }
  }
  const text = Buffer.concat(parts).toString();
  const answered = { status: answer.status, headers: Object.fromEntries(answer.headers), text };
  return { ...answered, json: text.startsWith('{') ? JSON.parse(text) : undefined };
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
export type Chunk = any;

/** The same for a stream, cut into the data of its events. */
export function askStream(
  simulator: Simulator,
  body: ChatBody,
  path?: string,
): Asked & { events: string[]; chunks: Chunk[] } {
  const asked = ask(simulator, { ...body, stream: true }, {}, path);
  const events = asked.text
    .split('\n\n')
    .slice(0, -1)
    .map((event) => event.replace(/^data: /, ''));
  return { ...asked, events, chunks: events.filter((event) => event !== '[DONE]').map((event) => JSON.parse(event)) };
}
