import { createServer, type Socket } from 'node:net';

/**
 * Streams frames of a fixed size on a tick wheel: each stream gets one frame
 * per interval, spread over the ticks. Arguments: port, interval ms, frames.
 */
const [port = 0, intervalMs = 50, framesMax = 100] = process.argv.slice(2).map(Number);
const TICK_MS = 1;
const slots = Array.from({ length: Math.max(1, Math.round(intervalMs / TICK_MS)) }, () => new Set<Stream>());
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const FRAME =
  'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4o-mini","system_fingerprint":"fp_x","choices":[{"index":0,"delta":{"content":" some words"},"logprobs":null,"finish_reason":null}]}\n\n';
const FINISH =
  'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":100,"total_tokens":109}}\n\ndata: [DONE]\n\n';

interface Stream {
  readonly socket: Socket;
  sent: number;
}

let turn = 0;
let slot = 0;

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

setInterval(() => {
  slot = (slot + 1) % slots.length;
  for (const stream of slots[slot] ?? []) {
    if (stream.sent < framesMax) {
      stream.sent++;
      stream.socket.write(chunk(FRAME));
    } else {
      slots[slot]?.delete(stream);
      stream.socket.write(`${chunk(FINISH)}0\r\n\r\n`);
    }
  }
}, TICK_MS);

createServer({ noDelay: true }, (socket) => {
  const streams = new Set<Stream>();
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const stream of streams) for (const one of slots) one.delete(stream);
  });
  let buffered = '';
  socket.on('data', (data) => {
    buffered += data.toString('latin1');
    for (;;) {
      const headEnd = buffered.indexOf('\r\n\r\n');
      const length = Number(/content-length: *(\d+)/i.exec(buffered)?.[1] ?? 0);
      if (headEnd < 0 || buffered.length < headEnd + 4 + length) return;
      buffered = buffered.slice(headEnd + 4 + length);
      socket.write(HEAD);
      const stream = { socket, sent: 0 };
      streams.add(stream);
      turn = (turn + 1) % slots.length;
      slots[turn]?.add(stream);
    }
  });
}).listen({ port, host: '127.0.0.1', backlog: 4096 });
