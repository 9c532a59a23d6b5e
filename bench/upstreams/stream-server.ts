import { createServer, type Socket } from 'node:net';
import { GEMINI_ANSWER, GEMINI_STREAM } from '../load/gemini-wire.ts';
import { MESSAGES_ANSWER, MESSAGES_STREAM } from '../load/messages-wire.ts';
import { RESPONSES_ANSWER, RESPONSES_STREAM } from '../load/responses-wire.ts';
import {
  ANSWER,
  CHAT_PATH,
  CHAT_STREAM_WIRE,
  frameEvent,
  GEMINI_PATH,
  INSTANT_DIGITS,
  MESSAGES_PATH,
  monotonicNs,
  NUMBER_DIGITS,
  PROMPT_KILOBYTES,
  promptJson,
  RESPONSES_PATH,
  readOrder,
  type StreamOrder,
  type StreamWire,
} from '../load/wire.ts';
import { MOCK_DIALECTS, type MockDialect } from './stream-mock.ts';

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
  chat: { path: `${CHAT_PATH} `, answer: ANSWER, wire: CHAT_STREAM_WIRE },
  messages: { path: `${MESSAGES_PATH} `, answer: MESSAGES_ANSWER, wire: MESSAGES_STREAM },
  responses: { path: `${RESPONSES_PATH} `, answer: RESPONSES_ANSWER, wire: RESPONSES_STREAM },
  gemini: { path: GEMINI_PATH, answer: GEMINI_ANSWER, wire: GEMINI_STREAM },
} as const satisfies Record<MockDialect, { path: string; answer: string; wire: StreamWire }>;
const { path, answer: whole, wire } = SPOKEN[spoken(process.argv[3])];
/** Whether its last events say all of a stream once more. */
const REPEATS = wire === RESPONSES_STREAM;
const OPENING = wire.opening.map(chunk).join('');
const PROMPTS = PROMPT_KILOBYTES.map((kilobytes) => Buffer.from(promptJson(kilobytes)));

interface Stream extends StreamOrder {
  readonly socket: Socket;
  readonly usage: boolean;
  sent: number;
  /** What its frames said, where the end says it once more. */
  readonly marks: string[];
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
    stream.socket.write(`${wire.closing(stream.usage, stream.marks).map(chunk).join('')}0\r\n\r\n`);
    return;
  }
  const number = stream.sent++;
  const instant = String(monotonicNs()).padStart(INSTANT_DIGITS, '0');
  const mark = `${String(number).padStart(NUMBER_DIGITS, '0')}:${instant}`;
  if (REPEATS) stream.marks.push(mark);
  served.frames++;
  stream.socket.write(chunk(frameEvent(wire, number, mark)));
  wheel[(slot + Math.round(stream.intervalMs / TICK_MS)) % WHEEL_SLOTS]?.push(stream);
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

function spoken(name: string | undefined): MockDialect {
  return MOCK_DIALECTS.find((dialect) => dialect === name) ?? 'chat';
}

function answer(socket: Socket, status: string, body: string): void {
  socket.write(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
}

function serve(socket: Socket, head: string, body: Buffer): void {
  if (head.startsWith('GET ')) return answer(socket, '200 OK', JSON.stringify(served));
  if (!head.startsWith(`POST ${path}`)) return answer(socket, '404 Not Found', '{}');
  const order = body.length < 2_000 ? readOrder(body.toString('latin1')) : undefined;
  if (order === undefined) {
    served.answers++;
    const right = PROMPTS.some((prompt) => body.length - prompt.length < 1_000 && body.includes(prompt));
    return right ? answer(socket, '200 OK', whole) : answer(socket, '422 Unprocessable Content', '{}');
  }
  served.streams++;
  socket.write(`${HEAD}${OPENING}`);
  advance({ ...order, socket, usage: body.includes('"include_usage":true'), sent: 0, marks: [] });
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
