import type { RawData, WebSocket } from 'ws';
import type { AdmittedCall, Caller, RequestFacts } from '../../exchange/call.ts';
import type { NativeCall } from '../../exchange/dialect.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Timer } from '../../kernel/clock.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { permittedPriority } from '../../protocol/allowance.ts';
import type { KeptHistory } from '../../protocol/kept-response.ts';
import { DEFAULT_PRIORITY } from '../../protocol/priority.ts';
import type { ModelCallParts } from '../http/model-call.ts';
import type { UpgradeContext } from '../http/upgrades.ts';
import { errorStatus, openAiError } from '../openai-errors.ts';
import { openAiResponses } from './dialects.ts';
import { eventText } from './errors.ts';
import { plainResponse } from './response-object.ts';
import type { SocketLimits } from './socket-limits.ts';
import { type SharedBytes, SocketMemory, turnOf } from './socket-memory.ts';
import { type CreateMessage, createMessage, streamIdIn } from './socket-request.ts';
import { SocketSink } from './socket-sink.ts';
import { NO_USAGE } from './text-answer.ts';

/** As RFC 6455 numbers them: the server goes away, and it cannot take more now. */
const GOING_AWAY = 1001;
const TRY_AGAIN = 1013;
/** A message's frames around its own bytes, and what has come of the next one. */
const SLACK_BYTES = 256 * 1024;

export interface SocketSessionParts extends ModelCallParts {
  readonly ws: WebSocket;
  readonly context: UpgradeContext;
  /** What the headers of the upgrade ask for, of each call. */
  readonly facts: RequestFacts;
  readonly limits: SocketLimits;
  readonly shared: SharedBytes;
}

/** A call under way. `exchange` is not there yet while its request is read. */
interface Running {
  exchange: Exchange | undefined;
}

/** One connection: `response.create` messages, one call at a time, each as it would be over HTTP. */
export class SocketSession {
  readonly #parts: SocketSessionParts;
  readonly #memory: SocketMemory;
  readonly #timers = new Map<'ping' | 'idle' | 'lifetime', Timer>();
  #running: Running | undefined;
  /** Why no other call may begin here; told once the one under way is over. */
  #leaving: (() => void) | undefined;
  /** Bytes of a message that is not whole yet, counted against all that the gateway holds. */
  #arrivingBytes = 0;
  #answersPing = true;
  #over = false;

  constructor(parts: SocketSessionParts) {
    this.#parts = parts;
    this.#memory = new SocketMemory(parts.shared);
  }

  open(): void {
    const { ws, context, limits } = this.#parts;
    const { socket, closing } = context;
    const leave = () => this.#leave(() => ws.close(GOING_AWAY, 'The gateway is shutting down.'));
    socket.prependListener('data', (chunk: Buffer) => this.#onBytes(chunk.length));
    socket.on('drain', () => this.#running?.exchange?.clientReady());
    ws.on('message', (data, isBinary) => this.#onMessage(bufferOf(data), isBinary));
    ws.on('pong', () => {
      this.#answersPing = true;
    });
    // What breaks the protocol has been answered with its close already.
    ws.on('error', () => this.#running?.exchange?.clientGone());
    ws.on('close', () => {
      closing.removeEventListener('abort', leave);
      this.#close();
    });
    this.#after('ping', limits.pingMs, () => this.#ping());
    this.#after('lifetime', limits.lifetimeMs, () => this.#leave(() => this.#endLife()));
    this.#rest();
    closing.addEventListener('abort', leave, { once: true });
    if (closing.aborted) leave();
  }

  #onMessage(message: Buffer, isBinary: boolean): void {
    this.#giveBackArriving();
    if (this.#over || (this.#leaving !== undefined && this.#running === undefined)) return;
    const id = this.#parts.context.nextId();
    try {
      const create = createMessage(message, isBinary);
      if (this.#running !== undefined) throw busy();
      this.#begin(id, create);
    } catch (thrown) {
      this.#refuse(thrown, id, streamIdIn(message));
    }
  }

  #begin(id: string, create: CreateMessage): void {
    const running: Running = { exchange: undefined };
    this.#running = running;
    this.#timers.get('idle')?.cancel();
    this.#create(id, create, running).catch((thrown: unknown) => {
      this.#refuse(thrown, id, create.streamId);
      this.#finish(running);
    });
  }

  /** The same steps as for a request over HTTP, in the same order. */
  async #create(id: string, { body, streamId, generate }: CreateMessage, running: Running): Promise<void> {
    const { context, facts, admit, bodies, onPrompt, ws, exchanges } = this.#parts;
    const { clock } = context;
    const arrived = { id, arrivedAt: clock.now(), arrivedMs: clock.monotonicMs() };
    const caller = await context.authorise();
    if (caller === undefined) throw new GatewayError('internal', { message: 'The route has no caller.' });
    admit?.(permittedPriority(facts.priority ?? DEFAULT_PRIORITY, caller.allowances ?? []));
    bodies.take(body.length);
    const release = () => bodies.giveBack(body.length);
    try {
      onPrompt?.(id, body);
      const recalled = await this.#recall(caller, openAiResponses.parse(body));
      const sink = new SocketSink({ ws, socket: context.socket, streamId, onEnd: () => this.#finish(running) });
      if (!generate) {
        this.#prepare(arrived, recalled, sink);
        release();
        return;
      }
      const exchange = exchanges.begin(this.#admitted({ ...arrived, caller }, recalled), sink, release);
      running.exchange = exchange;
      if (this.#over) exchange.clientGone();
      exchange.run();
    } catch (error) {
      release();
      throw error;
    }
  }

  #admitted(
    arrived: Pick<AdmittedCall, 'id' | 'arrivedAt' | 'arrivedMs' | 'caller'>,
    recalled: Recalled,
  ): AdmittedCall {
    const { facts, versions } = this.#parts;
    const { config, prices } = versions();
    const { request, history } = recalled;
    return {
      ...arrived,
      facts,
      request,
      configVersion: config,
      priceVersion: prices,
      remember: (answer) => {
        const bytes = recalled.bytes + request.bodyBytes + JSON.stringify(answer.response).length;
        this.#memory.remember(answer.id, turnOf(answer, request), history, bytes);
      },
    };
  }

  /** What the connection remembers itself comes first; anything else is looked for where answers are kept. */
  async #recall(caller: Caller, request: NativeCall): Promise<Recalled> {
    const { withHistory } = request;
    const own = this.#memory.historyOf(request.memory?.previousId);
    let history: KeptHistory = [];
    const hearing: NativeCall =
      withHistory === undefined
        ? request
        : {
            ...request,
            withHistory(found) {
              history = found;
              return withHistory(found);
            },
          };
    const whole =
      own === undefined ? await (this.#parts.recall?.(caller, hearing) ?? request) : hearing.withHistory?.(own);
    const bytes = history.length === 0 ? 0 : JSON.stringify(history).length;
    return { request: whole ?? request, history, bytes };
  }

  /** A turn that is only to be remembered: the answer is empty, and nobody is asked. */
  #prepare(
    { id, arrivedAt }: Pick<AdmittedCall, 'id' | 'arrivedAt'>,
    { request, history, bytes }: Recalled,
    sink: SocketSink,
  ): void {
    const identity = {
      id: `resp_${id.replace(/^call_/, '')}`,
      createdAt: Math.floor(arrivedAt / 1_000),
      model: request.modelAsked,
    };
    const turn = { items: request.memory?.input ?? [], upstreamKeeps: false };
    this.#memory.remember(identity.id, turn, history, bytes + request.bodyBytes);
    const events = [
      { type: 'response.created', response: plainResponse(identity, { status: 'in_progress' }) },
      { type: 'response.completed', response: plainResponse(identity, { status: 'completed', usage: NO_USAGE }) },
    ];
    sink.head(200, ['x-leeward-request-id', id]);
    sink.end(Buffer.from(events.map((event, at) => eventText({ ...event, sequence_number: at })).join('')));
  }

  #finish(running: Running): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    if (this.#over) return;
    if (this.#leaving === undefined) this.#rest();
    else this.#leaving();
  }

  #refuse(thrown: unknown, id: string, streamId: string | undefined): void {
    const error = this.#parts.context.explain(thrown, id);
    this.#tell({ type: 'error', status: errorStatus(error), ...openAiError(error, id), ...named(streamId) });
  }

  #tell(event: object): void {
    const { ws } = this.#parts;
    if (ws.readyState === ws.OPEN) ws.send(JSON.stringify(event));
  }

  #leave(go: () => void): void {
    this.#leaving ??= go;
    if (this.#running === undefined) this.#leaving();
  }

  #endLife(): void {
    const minutes = Math.round(this.#parts.limits.lifetimeMs / 60_000);
    this.#tell({
      type: 'error',
      status: 400,
      error: {
        type: 'invalid_request_error',
        code: 'websocket_connection_limit_reached',
        message: `This WebSocket has stood for ${minutes} minutes, which is its limit. Open a new one to go on.`,
        param: null,
      },
    });
    this.#parts.ws.close(GOING_AWAY, 'The connection has reached its limit.');
  }

  /** Nothing is asked until something is, or the connection has been idle for too long. */
  #rest(): void {
    const { ws, limits } = this.#parts;
    this.#after('idle', limits.idleMs, () => this.#leave(() => ws.close(GOING_AWAY, 'The connection was idle.')));
  }

  #ping(): void {
    const { ws, limits } = this.#parts;
    if (!this.#answersPing) {
      ws.terminate();
      return;
    }
    this.#answersPing = false;
    ws.ping();
    this.#after('ping', limits.pingMs, () => this.#ping());
  }

  /** A message counts against what the gateway may hold from its first byte on. */
  #onBytes(bytes: number): void {
    const { ws, bodies } = this.#parts;
    // Any sign of life will do, and a client that only sends cannot answer yet.
    this.#answersPing = true;
    try {
      bodies.take(bytes);
      this.#arrivingBytes += bytes;
    } catch (thrown) {
      this.#refuse(thrown, this.#parts.context.nextId(), undefined);
      ws.close(TRY_AGAIN);
      return;
    }
    // Small messages of the protocol's own end nothing that is counted here.
    if (this.#arrivingBytes > bodies.bodyBytesMax + SLACK_BYTES) ws.terminate();
  }

  #giveBackArriving(): void {
    this.#parts.bodies.giveBack(this.#arrivingBytes);
    this.#arrivingBytes = 0;
  }

  #after(name: 'ping' | 'idle' | 'lifetime', delayMs: number, fire: () => void): void {
    this.#timers.get(name)?.cancel();
    this.#timers.set(name, this.#parts.context.clock.after(delayMs, fire));
  }

  #close(): void {
    this.#over = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#giveBackArriving();
    this.#memory.forget();
    this.#running?.exchange?.clientGone();
  }
}

interface Recalled {
  readonly request: NativeCall;
  readonly history: KeptHistory;
  /** About as many as the history has as JSON. */
  readonly bytes: number;
}

function named(streamId: string | undefined): { readonly stream_id?: string } {
  return streamId === undefined ? {} : { stream_id: streamId };
}

function bufferOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function busy(): GatewayError {
  return new GatewayError('invalid_request', {
    message: 'An answer is under way on this connection; wait for its end, or open another connection.',
  });
}
