import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../kernel/clock.ts';
import { errorMessage } from '../kernel/errors.ts';
import { controlAnswer } from './control.ts';
import type { SimRequest } from './dialect.ts';
import { Playback } from './playback.ts';
import { ResponseSink } from './serve-response-sink.ts';
import type { Simulator } from './simulator.ts';
import { warm } from './tokenizer.ts';

export interface ServeSimulatorOptions {
  readonly simulator: Simulator;
  readonly host: string;
  /** 0 lets the system choose; the answer says which. */
  readonly port: number;
  readonly clock: Clock;
}

export interface ServedSimulator {
  readonly port: number;
  /** Cuts every connection and frees the port. Twice is as good as once. */
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 64 << 20;

/**
 * The simulated provider on a port of its own, for `leeward sim` and for tests
 * that want real bytes. The tokenizer is loaded before the port opens.
 *
 * @throws the system's own error when the port cannot be had
 */
export async function serveSimulator(options: ServeSimulatorOptions): Promise<ServedSimulator> {
  await warm();
  const playing = new Set<Playback>();
  const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, (request, response) => {
    readBody(request, (body) => {
      if (body === undefined) answerJson(response, 413, { error: { message: 'The request body is too large.' } });
      else answer(options, playing, request, body, response);
    });
  });
  await listening(server, options);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    port,
    close() {
      closing ??= new Promise((resolve, reject) => {
        for (const playback of playing) playback.abort();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

function listening(server: Server, { host, port }: ServeSimulatorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Hands over the whole body, or `undefined` when it is too large. A client that leaves before is not answered. */
function readBody(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let tooLarge = false;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) {
      tooLarge = true;
      chunks.length = 0;
    } else {
      chunks.push(chunk);
    }
  });
  request.on('end', () => {
    const [first] = chunks;
    if (tooLarge) done(undefined);
    else done(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
  });
}

function answer(
  options: ServeSimulatorOptions,
  playing: Set<Playback>,
  message: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  if (response.destroyed) return;
  try {
    const request = simRequest(message, body);
    const control = controlAnswer(options.simulator, request);
    if (control !== undefined) {
      answerJson(response, control.status, control.body);
      return;
    }
    const preparing = options.simulator.prepare(request);
    if (preparing === undefined) {
      play(options, playing, request, response);
    } else {
      preparing.then(
        () => play(options, playing, request, response),
        (error: unknown) => answerFailure(response, error),
      );
    }
  } catch (error) {
    answerFailure(response, error);
  }
}

function play(
  options: ServeSimulatorOptions,
  playing: Set<Playback>,
  request: SimRequest,
  response: ServerResponse,
): void {
  if (response.destroyed) return;
  try {
    const answered = options.simulator.handle(request);
    const sink = new ResponseSink(response, answered);
    const playback = new Playback(answered, options.clock, sink);
    playing.add(playback);
    sink.onFull(
      () => playback.pause(),
      () => playback.resume(),
    );
    response.once('close', () => {
      playback.abort();
      playing.delete(playback);
    });
  } catch (error) {
    answerFailure(response, error);
  }
}

function answerFailure(response: ServerResponse, error: unknown): void {
  answerJson(response, 500, {
    error: { message: errorMessage(error), type: 'server_error', param: null, code: null },
  });
}

function simRequest(message: IncomingMessage, body: Buffer): SimRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { method: message.method ?? 'GET', path: message.url ?? '/', headers, body };
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'content-length': text.length });
  response.end(text);
}
