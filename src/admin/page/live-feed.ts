import type { Clock, Timer } from '../../kernel/clock.ts';
import { renderCallRow } from './call-row.ts';
import { ROWS_MAX, renderCalls, renderServer } from './page.ts';
import type { PageData } from './page-data.ts';
import { providersSignature, renderProviders } from './providers.ts';
import { renderTargets, targetsSignature } from './targets.ts';

/** Five updates a second: faster than that nobody reads. */
const CALLS_EVERY_MS = 200;
const STATE_EVERY_MS = 1_000;
const PING_EVERY_MS = 15_000;
/** Some multiple of the rows: beyond it, sending all of them is cheaper than knowing which. */
const CHANGED_MAX = 500;
/** How long a browser may leave its buffer full before it is let go; it comes back by itself. */
const BLOCKED_MAX_MS = 30_000;

/** The browser at the other end, as the HTTP server hands it over. */
export interface FeedClient {
  /** Sends text; false when more would only pile up (as `ServerResponse.write` says it). What was given is still sent. */
  send(chunk: string): boolean;
  /** Calls `listener` once when the client has left. */
  onClose(listener: () => void): void;
  /** Ends the answer from our side. */
  end(): void;
}

export interface FeedOptions {
  /** Asked at each ping: a feed must not outlive its session. */
  readonly isAllowed?: () => boolean;
  /** Called once when the feed is over, whoever ended it. Can be before `liveFeed` returns, when the client is already gone. */
  readonly onEnd?: () => void;
}

/**
 * Server-sent events for one open page: `calls` (all rows, at the start),
 * `call` (one row that changed, at most five times a second), `providers`,
 * `targets` and `server` when they changed, a comment every 15 s. Keeps the ids of what
 * changed, {@link CHANGED_MAX} at the most, and nothing else.
 *
 * States: *open*; *blocked* while the client's buffer is full: nothing is sent
 * but a probing comment each second, and what changed meanwhile goes out as one
 * update; *closed* when the client left, stayed blocked for 30 s, lost its
 * session, or the server drains.
 *
 * @returns a function that ends the feed; calling it twice does nothing
 */
export function liveFeed(data: PageData, clock: Clock, client: FeedClient, options: FeedOptions = {}): () => void {
  const feed = new LiveFeed(data, clock, client, options);
  feed.open();
  return () => feed.end();
}

class LiveFeed {
  readonly #data: PageData;
  readonly #clock: Clock;
  readonly #client: FeedClient;
  readonly #options: FeedOptions;
  /** Ids of the calls that changed since they were sent; `undefined` once they are too many to keep. */
  #changed: Set<string> | undefined = new Set();
  #sentCallsAtMs = Number.NEGATIVE_INFINITY;
  #callsTimer: Timer | undefined;
  #stateTimer: Timer | undefined;
  #pingTimer: Timer | undefined;
  #unsubscribe: (() => void) | undefined;
  #providers = '';
  #targets = targetsSignature([]);
  #server = '';
  #blockedSinceMs: number | undefined;
  #closed = false;

  constructor(data: PageData, clock: Clock, client: FeedClient, options: FeedOptions) {
    this.#data = data;
    this.#clock = clock;
    this.#client = client;
    this.#options = options;
  }

  open(): void {
    this.#unsubscribe = this.#data.calls.subscribe((call) => this.#callChanged(call.id));
    this.#client.onClose(() => this.#close());
    if (this.#closed) return;
    this.#sendAll();
    this.#sendState();
    if (this.#closed) return;
    this.#watchState();
    this.#keepAlive();
  }

  end(): void {
    if (this.#closed) return;
    this.#close();
    this.#client.end();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#callsTimer?.cancel();
    this.#stateTimer?.cancel();
    this.#pingTimer?.cancel();
    this.#unsubscribe?.();
    this.#changed = new Set();
    this.#options.onEnd?.();
  }

  /** At the start, and when too much changed to remember it: everything is said again. */
  #sendAll(): void {
    this.#changed = new Set();
    this.#sentCallsAtMs = this.#clock.monotonicMs();
    const now = this.#clock.now();
    this.#send(event('calls', { now, html: renderCalls(this.#data, now).toString() }));
  }

  #callChanged(callId: string): void {
    if (this.#closed) return;
    this.#changed?.add(callId);
    if ((this.#changed?.size ?? 0) > CHANGED_MAX) this.#changed = undefined;
    this.#planCalls();
  }

  #planCalls(): void {
    if (this.#callsTimer !== undefined || this.#blockedSinceMs !== undefined) return;
    const waitMs = Math.max(0, this.#sentCallsAtMs + CALLS_EVERY_MS - this.#clock.monotonicMs());
    this.#callsTimer = this.#clock.after(waitMs, () => {
      this.#callsTimer = undefined;
      if (this.#blockedSinceMs !== undefined) return;
      if (this.#changed === undefined) this.#sendAll();
      else this.#sendChanged(this.#changed);
    });
  }

  /** Oldest first, because the page puts new rows on top. */
  #sendChanged(changed: ReadonlySet<string>): void {
    if (changed.size === 0) return;
    this.#changed = new Set();
    this.#sentCallsAtMs = this.#clock.monotonicMs();
    const now = this.#clock.now();
    const rows = this.#data.calls
      .list(ROWS_MAX)
      .filter((call) => changed.has(call.id))
      .reverse();
    const events = rows.map((call) =>
      event('call', { id: call.id, html: renderCallRow(call, now, this.#data).toString() }),
    );
    if (events.length > 0) this.#send(events.join(''));
  }

  #watchState(): void {
    this.#stateTimer = this.#clock.after(STATE_EVERY_MS, () => {
      if (this.#blockedSinceMs === undefined) this.#sendState();
      else this.#probe(this.#blockedSinceMs);
      if (!this.#closed) this.#watchState();
    });
  }

  #sendState(): void {
    const { server } = this.#data;
    const providers = this.#data.providers();
    const providersNow = providersSignature(providers);
    const targets = this.#data.targets?.() ?? [];
    const targetsNow = targetsSignature(targets);
    const serverNow = JSON.stringify([server.store(), server.configVersion()]);
    const events: string[] = [];
    if (providersNow !== this.#providers)
      events.push(event('providers', { html: renderProviders(providers).toString() }));
    if (targetsNow !== this.#targets) events.push(event('targets', { html: renderTargets(targets).toString() }));
    if (serverNow !== this.#server) {
      events.push(event('server', { html: renderServer(server, this.#clock.now()).toString() }));
    }
    this.#providers = providersNow;
    this.#targets = targetsNow;
    this.#server = serverNow;
    if (events.length > 0) this.#send(events.join(''));
  }

  #keepAlive(): void {
    this.#pingTimer = this.#clock.after(PING_EVERY_MS, () => {
      if (this.#options.isAllowed?.() === false) {
        this.end();
        return;
      }
      if (this.#blockedSinceMs === undefined) this.#send(': ping\n\n');
      if (!this.#closed) this.#keepAlive();
    });
  }

  /** A comment costs nothing and tells whether the client reads again. */
  #probe(blockedSinceMs: number): void {
    if (this.#clock.monotonicMs() - blockedSinceMs >= BLOCKED_MAX_MS) {
      this.end();
      return;
    }
    if (!this.#client.send(': waiting\n\n')) return;
    this.#blockedSinceMs = undefined;
    this.#planCalls();
  }

  #send(chunk: string): void {
    if (this.#closed) return;
    if (!this.#client.send(chunk)) this.#blockedSinceMs ??= this.#clock.monotonicMs();
  }
}

function event(name: string, data: Record<string, string | number>): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
