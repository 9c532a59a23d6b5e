import type { Clock } from '../../kernel/clock.ts';
import { pageAsset } from './assets.ts';
import { type FeedClient, liveFeed } from './live-feed.ts';
import { renderClaimNeeded, renderPage } from './page.ts';
import type { PageData } from './page-data.ts';
import { type PageAnswer, pageHeaders } from './page-headers.ts';
import { type PageSessions, SESSION_LIFE_MS } from './page-sessions.ts';
import { renderUsage } from './usage-page.ts';

const FEEDS_MAX = 32;
const DEFAULT_COOKIE = 'leeward_page';

export interface PageRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The `cookie` header as it came. */
  readonly cookie: string | undefined;
}

/** A stream starts with the status and headers; `open` then writes into it. */
export interface FeedAnswer {
  readonly status: 200;
  readonly headers: string[];
  open(client: FeedClient): void;
}

export interface PageDeskOptions {
  /** Browsers share cookies between ports: two servers on one machine want two names. */
  readonly cookieName?: string;
  /** True behind HTTPS: the cookie then never travels in the clear. */
  readonly secureCookie?: boolean;
}

interface OpenFeed {
  end?: () => void;
}

/**
 * Answers what a browser asks for at `/`, `/page.js`, `/page.css` and
 * `/page/live`; knows no sockets. Everything but the script and the style
 * needs a session; `/?claim=…` trades a one-time token for one.
 */
export class PageDesk {
  readonly #data: PageData;
  readonly #sessions: PageSessions;
  readonly #clock: Clock;
  readonly #cookieName: string;
  readonly #cookieFlags: string;
  readonly #feeds = new Set<OpenFeed>();

  constructor(data: PageData, sessions: PageSessions, clock: Clock, options: PageDeskOptions = {}) {
    this.#data = data;
    this.#sessions = sessions;
    this.#clock = clock;
    this.#cookieName = options.cookieName ?? DEFAULT_COOKIE;
    // Lax, not Strict: a link in a chat or a web terminal comes from another site, and the page only shows.
    this.#cookieFlags = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${SESSION_LIFE_MS / 1_000}${options.secureCookie === true ? '; Secure' : ''}`;
  }

  /** The answer, or `undefined` when the path is not one of the page's. */
  answer(request: PageRequest): PageAnswer | FeedAnswer | undefined {
    const { path, query } = request;
    const asset = pageAsset(path, query.get('v') ?? undefined);
    if (asset === undefined && path !== '/' && path !== '/page/live') return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed();
    if (asset !== undefined) return asset;
    if (path === '/page/live') return this.#live(request);
    const claim = query.get('claim');
    // A HEAD comes from link previews: it must not use the link up.
    if (claim !== null && request.method === 'GET') return this.#claimed(claim, request);
    return this.#sessionOf(request) === undefined ? renderClaimNeeded() : renderPage(this.#data, this.#clock.now());
  }

  /** What was used and cost, which the store has to be asked for. @throws what the store answers */
  async usage(request: PageRequest): Promise<PageAnswer> {
    const { usage } = this.#data;
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed();
    if (usage === undefined || this.#sessionOf(request) === undefined) return renderClaimNeeded();
    return renderUsage(await usage(request.query), request.query, this.#clock.now());
  }

  /** Ends every live feed, as a drain does; pages come back when the server does. */
  endFeeds(): void {
    for (const feed of [...this.#feeds]) feed.end?.();
  }

  /** Open live feeds: 0 once every page is closed. */
  get openFeeds(): number {
    return this.#feeds.size;
  }

  /** To the address without the token, so that neither the history nor a bookmark keeps it. */
  #claimed(token: string, request: PageRequest): PageAnswer {
    const session = this.#sessions.claim(token);
    // A reload of a used link by the browser that used it is no reason to lock it out.
    if (session === undefined && this.#sessionOf(request) === undefined) return renderClaimNeeded();
    const headers = [...pageHeaders(), 'location', '/'];
    if (session !== undefined) headers.push('set-cookie', `${this.#cookieName}=${session}; ${this.#cookieFlags}`);
    return { status: 303, headers, body: '' };
  }

  #live(request: PageRequest): PageAnswer | FeedAnswer {
    const session = this.#sessionOf(request);
    if (session === undefined) return renderClaimNeeded();
    if (request.method === 'HEAD') return { status: 200, headers: feedHeaders(), body: '' };
    return { status: 200, headers: feedHeaders(), open: (client) => this.#openFeed(client, session) };
  }

  /** The newest page matters most: one too many ends the oldest. */
  #openFeed(client: FeedClient, session: string): void {
    const [oldest] = this.#feeds;
    if (this.#feeds.size >= FEEDS_MAX) oldest?.end?.();
    const feed: OpenFeed = {};
    this.#feeds.add(feed);
    feed.end = liveFeed(this.#data, this.#clock, client, {
      isAllowed: () => this.#sessions.isValid(session),
      onEnd: () => this.#feeds.delete(feed),
    });
  }

  #sessionOf(request: PageRequest): string | undefined {
    for (const part of (request.cookie ?? '').split(';')) {
      const at = part.indexOf('=');
      if (at < 0 || part.slice(0, at).trim() !== this.#cookieName) continue;
      const value = part.slice(at + 1).trim();
      if (this.#sessions.isValid(value)) return value;
    }
    return undefined;
  }
}

function feedHeaders(): string[] {
  return [
    'content-type',
    'text/event-stream; charset=utf-8',
    'cache-control',
    'no-store',
    'x-accel-buffering',
    'no',
    'x-content-type-options',
    'nosniff',
  ];
}

function methodNotAllowed(): PageAnswer {
  return { status: 405, headers: [...pageHeaders(), 'allow', 'GET, HEAD'], body: '' };
}
