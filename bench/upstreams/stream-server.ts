import { createServer, type Socket } from 'node:net';
import { MESSAGES_ANSWER, MESSAGES_STREAM } from '../load/messages-wire.ts';
import {
  ANSWER,
  CHAT_PATH,
  CHAT_STREAM_WIRE,
  INSTANT_DIGITS,
  MESSAGES_PATH,
  monotonicNs,
  NUMBER_DIGITS,
  PROMPT_KILOBYTES,
  promptJson,
  readOrder,
  type StreamOrder,
} from '../load/wire.ts';
import type { MockDialect } from './stream-mock.ts';

/**
 * The provider of streams and of long prompts, on a raw socket, so that it is
 * far cheaper than what stands in front of it. Each frame carries its number
 * and the instant it left. `GET /served` tells what it has served. A prompt that
 * did not arrive byte for byte is answered with 422, and what is not for its
 * dialect with 404. Arguments: port, dialect.
 */
const TICK_MS = 1;
const WHEEL_SLOTS = 2_048;
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const SPOKEN = {
  chat: { path: CHAT_PATH, answer: ANSWER, wire: CHAT_STREAM_WIRE },
  messages: { path: MESSAGES_PATH, answer: MESSAGES_ANSWER, wire: MESSAGES_STREAM },
} as const satisfies Record<MockDialect, unknown>;
const { path, answer: whole, wire } = SPOKEN[process.argv[3] === 'messages' ? 'messages' : 'chat'];
const OPENING = wire.opening.map(chunk).join('');
const PROMPTS = PROMPT_KILOBYTES.map((kilobytes) => Buffer.from(promptJson(kilobytes)));

interface Stream extends StreamOrder {
  readonly socket: Socket;
  readonly usage: boolean;
  sent: number;
}

const wheel = Array.from({ length: WHEEL_SLOTS }, (): Stream[] => []);
const served = { answers: 0, streams: 0, frames: 0 };
let slot = 0;
let turnedMs = performance.now();

setInterval(() => {
  for (; turnedMs + TICK_MS <= performance.now(); turnedMs += TICK_MS) turn();
}, TICK_MS);

function turn(): void {
  slot = (slot + 1) % WHEEL_SLOTS;
  const due = wheel[slot];
  if (due === undefined || due.length === 0) return;
  wheel[slot] = [];
  for (const stream of due) if (!stream.socket.destroyed) advance(stream);
}

function advance(stream: Stream): void {
  if (stream.sent === stream.frames) {
    stream.socket.write(`${wire.closing(stream.usage).map(chunk).join('')}0\r\n\r\n`);
    return;
  }
  const number = String(stream.sent++).padStart(NUMBER_DIGITS, '0');
  const instant = String(monotonicNs()).padStart(INSTANT_DIGITS, '0');
  served.frames++;
  stream.socket.write(chunk(`${wire.frameHead}${number}:${instant}${wire.frameTail}`));
  wheel[(slot + Math.round(stream.intervalMs / TICK_MS)) % WHEEL_SLOTS]?.push(stream);
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

function answer(socket: Socket, status: string, body: string): void {
  socket.write(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
}

function serve(socket: Socket, head: string, body: Buffer): void {
  if (head.startsWith('GET ')) return answer(socket, '200 OK', JSON.stringify(served));
  if (!head.startsWith(`POST ${path} `)) return answer(socket, '404 Not Found', '{}');
  const order = body.length < 2_000 ? readOrder(body.toString('latin1')) : undefined;
  if (order === undefined) {
    served.answers++;
    const right = PROMPTS.some((prompt) => body.length - prompt.length < 1_000 && body.includes(prompt));
    return right ? answer(socket, '200 OK', whole) : answer(socket, '422 Unprocessable Content', '{}');
  }
  served.streams++;
  socket.write(`${HEAD}${OPENING}`);
  advance({ ...order, socket, usage: body.includes('"include_usage":true'), sent: 0 });
}

createServer({ noDelay: true }, (socket) => {
  let parts: Buffer[] = [];
  let bytes = 0;
  let head = '';
  let wantedBytes = Number.POSITIVE_INFINITY;
  socket.on('error', () => socket.destroy());
  socket.on('data', (data: Buffer) => {
    parts.push(data);
    bytes += data.length;
    if (wantedBytes === Number.POSITIVE_INFINITY) {
      const text = Buffer.concat(parts).toString('latin1');
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      head = text.slice(0, headEnd);
      wantedBytes = headEnd + 4 + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    }
    if (bytes < wantedBytes) return;
    // Nobody here sends a second request before the answer to the first.
    const body = Buffer.concat(parts).subarray(head.length + 4);
    parts = [];
    bytes = 0;
    wantedBytes = Number.POSITIVE_INFINITY;
    serve(socket, head, body);
  });
}).listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4_096 });
