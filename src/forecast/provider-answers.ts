/** The bytes of a simulated provider, in the dialect of OpenAI's chat. Buffers are shared: nobody writes into them. */

const CHARS_PER_TOKEN = 4;
/** Pieces are made once for each number of tokens; there are not many. */
const KEPT_MAX = 4_096;
const pieces = new Map<number, Buffer>();
const END = Buffer.from('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n');
const DONE = Buffer.from('data: [DONE]\n\n');

/** A piece of a stream with so many tokens of text. */
export function streamPiece(tokens: number): Buffer {
  const known = pieces.get(tokens);
  if (known !== undefined) return known;
  const text = 'word'.repeat(tokens);
  const made = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"${text}"},"finish_reason":null}]}\n\n`);
  if (pieces.size < KEPT_MAX) pieces.set(tokens, made);
  return made;
}

/** The end of a stream, with its usage where that was asked for. */
export function streamEnd(usage: { readonly input: number; readonly output: number } | undefined): Buffer {
  if (usage === undefined) return Buffer.concat([END, DONE]);
  const counted = `data: {"choices":[],"usage":${usageJson(usage)}}\n\n`;
  return Buffer.concat([END, Buffer.from(counted), DONE]);
}

/** An answer that is not streamed. */
export function wholeAnswer(usage: { readonly input: number; readonly output: number }): Buffer {
  const text = 'word'.repeat(usage.output);
  return Buffer.from(
    `{"id":"sim","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"${text}"},"finish_reason":"stop"}],"usage":${usageJson(usage)}}`,
  );
}

/** An error as OpenAI words it. */
export function errorAnswer(type: string, code: string, message: string): Buffer {
  return Buffer.from(JSON.stringify({ error: { message, type, param: null, code } }));
}

/** What a broken proxy puts in the place of an answer. */
export const GARBAGE = Buffer.from('<!doctype html><html><body><h1>It works!</h1></body></html>');

/** A request of about so many tokens, as a client would write it. */
export function requestBody(asked: {
  readonly model: string;
  readonly stream: boolean;
  readonly inputTokens: number;
  readonly maxOutputTokens: number | undefined;
}): Buffer {
  const { model, stream, inputTokens, maxOutputTokens } = asked;
  const content = 'word'.repeat(Math.max(1, Math.min(inputTokens, 1_000_000))).slice(0, inputTokens * CHARS_PER_TOKEN);
  return Buffer.from(
    JSON.stringify({
      model,
      stream,
      ...(maxOutputTokens === undefined ? {} : { max_tokens: maxOutputTokens }),
      messages: [{ role: 'user', content }],
    }),
  );
}

/** What a request's bytes say that changes the answer. */
export interface RequestSeen {
  readonly model: string;
  readonly stream: boolean;
  readonly maxTokens: number | undefined;
  readonly wantsUsage: boolean;
}

const HEAD_BYTES = 256;
const TAIL_BYTES = 128;

/** Looks only at a request's beginning and its end: between them stands the prompt. */
export function readRequest(body: Uint8Array): RequestSeen {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const whole = bytes.length <= HEAD_BYTES + TAIL_BYTES;
  const head = bytes.toString('latin1', 0, whole ? bytes.length : HEAD_BYTES);
  const text = whole ? head : `${head}${bytes.toString('latin1', bytes.length - TAIL_BYTES)}`;
  const maxTokens = /"max_(?:completion_)?tokens":(\d+)/.exec(text)?.[1];
  return {
    model: /"model":"([^"]*)"/.exec(text)?.[1] ?? '',
    stream: text.includes('"stream":true'),
    maxTokens: maxTokens === undefined ? undefined : Number(maxTokens),
    wantsUsage: text.includes('"include_usage":true'),
  };
}

function usageJson({ input, output }: { readonly input: number; readonly output: number }): string {
  return `{"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":${input + output}}`;
}
