/** Bytes that a faulty upstream writes: heads, chunks, answers and events. */

export const OK_ANSWER =
  '{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}';

export const DELTA = event({ choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: null }] });
export const FINISH = event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
export const USAGE = event({ choices: [], usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 } });
export const DONE = 'data: [DONE]\n\n';

export const LAST_CHUNK = '0\r\n\r\n';

/** The head of a stream whose connection ends with it, so that nothing is left in a pool. */
export const STREAM_HEAD = streamHead('connection: close\r\n');
/** The same on a connection that stays. */
export const KEPT_STREAM_HEAD = streamHead('');

export function streamHead(more: string, contentType = 'text/event-stream'): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n${more}\r\n`;
}

/** One server-sent event with JSON data. */
export function event(data: unknown): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', ...(data as object) })}\n\n`;
}

/** One HTTP chunk. */
export function chunk(bytes: Buffer | string): Buffer {
  const body = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}

/** A whole stream: head, one chunk per part, the end. */
export function streamBytes(parts: readonly (Buffer | string)[], head = STREAM_HEAD): Buffer {
  return Buffer.concat([Buffer.from(head), ...parts.map(chunk), Buffer.from(LAST_CHUNK)]);
}

/** A whole answer with a length, on a connection that ends with it. */
export function answerBytes(status: number, contentType: string, body: Buffer | string, more = ''): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(
      `HTTP/1.1 ${status} X\r\ncontent-type: ${contentType}\r\ncontent-length: ${bytes.length}\r\nconnection: close\r\n${more}\r\n`,
    ),
    bytes,
  ]);
}
