/** What goes over the wire in every phase: the requests of clients, the answers of the mocks, byte for byte. */

/** Where a client of the bench sends its calls. */
export interface Address {
  readonly port: number;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: {@link CHAT_PATH}. */
  readonly path?: string;
}

export const CHAT_PATH = '/v1/chat/completions';
export const MESSAGES_PATH = '/v1/messages';
export const RESPONSES_PATH = '/v1/responses';
/** Before the model's name and the method. */
export const GEMINI_PATH = '/v1/models/';

/** A typical short answer of a model. */
export const ANSWER =
  '{"id":"chatcmpl-abc123456789","object":"chat.completion","created":1760000000,"model":"gpt-4o-mini","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! This is a mock completion that stands for a typical short answer of a model. It has a couple of sentences so that the body is about the size of a real one."},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":36,"total_tokens":55}}';

/** What it says. */
export const ANSWER_TEXT = /"content":"([^"]+)"/.exec(ANSWER)?.[1] ?? '';

/** What a client asks a short call with, and the body that it has to get. */
export interface ShortCall {
  body(model: string): string;
  readonly expected: ExpectedBody;
}

/** All bytes of a body, as they have to be. */
export interface ExpectedBody {
  equals(body: Buffer): boolean;
}

/** The body of a short chat call. */
export function shortCall(model: string): string {
  return JSON.stringify({
    model,
    temperature: 0.7,
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: 'Say hello for a benchmark and explain in one sentence what a gateway does.' },
    ],
  });
}

/** A short call of Chat Completions whose answer passes unchanged. */
export const SHORT_CHAT: ShortCall = { body: shortCall, expected: Buffer.from(ANSWER) };

export const PROMPT_KILOBYTES = [10, 100, 400] as const;
export type PromptKilobytes = (typeof PROMPT_KILOBYTES)[number];

/** A prompt as it stands in the JSON, quotes included: code and prose, with the escapes that both bring along. */
export function promptJson(kilobytes: PromptKilobytes): string {
  const line = 'if (answer === "yes") {\n\treturn "a path\\\\to";\n} // and then some prose, so that it reads on.\n';
  const lines: string[] = [`A prompt of ${kilobytes} KB.\n`];
  for (let bytes = 0, number = 0; bytes < kilobytes * 1_000; number++) {
    lines.push(`${number} ${line}`);
    bytes += JSON.stringify(`${number} ${line}`).length - 2;
  }
  return JSON.stringify(lines.join(''));
}

export function promptCall(model: string, kilobytes: PromptKilobytes): string {
  return `{"model":${JSON.stringify(model)},"messages":[{"role":"user","content":${promptJson(kilobytes)}}]}`;
}

/** What a stream's client asks of the mock, in words that every subject passes on. */
export interface StreamOrder {
  readonly frames: number;
  readonly intervalMs: number;
}

export function streamCall(model: string, { frames, intervalMs }: StreamOrder): string {
  const content = `Please stream ${frames} frames, one each ${intervalMs} ms.`;
  return JSON.stringify({ model, stream: true, messages: [{ role: 'user', content }] });
}

export function readOrder(body: string): StreamOrder | undefined {
  const [, frames, intervalMs] = /stream (\d+) frames, one each (\d+) ms/.exec(body) ?? [];
  return frames === undefined ? undefined : { frames: Number(frames), intervalMs: Number(intervalMs) };
}

export const FRAME_HEAD =
  'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4o-mini","system_fingerprint":"fp_x","choices":[{"index":0,"delta":{"content":"';
export const FRAME_TAIL = '"},"logprobs":null,"finish_reason":null}]}\n\n';
export const FINISH_EVENT =
  'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
/** Sent only to who asks for it, as providers do. */
export const USAGE_EVENT =
  'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":100,"total_tokens":109}}\n\n';
export const DONE_EVENT = 'data: [DONE]\n\n';

/** The events of a mock's stream in one dialect: each frame is `frameHead`, its number, a colon, the instant it left, and `frameTail`. */
export interface StreamWire {
  readonly opening: readonly string[];
  readonly frameHead: string;
  readonly frameTail: string;
  /** Where events are counted: behind `frameTail` come the event's number, by that of the first frame, and `after`. */
  readonly counted?: { readonly from: number; readonly after: string };
  /**
   * @param usage whether the client asked for it
   * @param marks of all frames, for a dialect that ends by saying everything once more
   */
  closing(usage: boolean, marks?: readonly string[]): readonly string[];
}

/** @param mark its number, a colon, and the instant it left */
export function frameEvent({ frameHead, frameTail, counted }: StreamWire, number: number, mark: string): string {
  const event = `${frameHead}${mark}${frameTail}`;
  return counted === undefined ? event : `${event}${counted.from + number}${counted.after}`;
}

export const CHAT_STREAM_WIRE: StreamWire = {
  opening: [],
  frameHead: FRAME_HEAD,
  frameTail: FRAME_TAIL,
  closing: (usage) => [FINISH_EVENT, ...(usage ? [USAGE_EVENT] : []), DONE_EVENT],
};

export const NUMBER_DIGITS = 6;
/** Nanoseconds of the machine's monotonic clock, which all processes share. */
export const INSTANT_DIGITS = 16;

export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}

export function requestBytes({ port, headers, path = CHAT_PATH }: Address, body: string): Buffer {
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
