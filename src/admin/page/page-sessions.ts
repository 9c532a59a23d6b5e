import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';

const TOKEN_BYTES = 32;
const TOKEN_CHARS = 43;
const CLAIM_LIFE_MS = 10 * 60_000;
const CLAIMS_MAX = 20;
/** Also the life of the session's cookie. */
export const SESSION_LIFE_MS = 12 * 3_600_000;
const SESSIONS_MAX = 100;

/**
 * Who may see the page: a one-time link turns into a session, so that no
 * password has to be chosen and none can be the default one. In memory only;
 * a restart asks for a new link.
 */
export class PageSessions {
  readonly #claims: TokenSet;
  readonly #sessions: TokenSet;

  constructor(clock: Clock, random: Random) {
    this.#claims = new TokenSet(clock, random, CLAIM_LIFE_MS, CLAIMS_MAX);
    this.#sessions = new TokenSet(clock, random, SESSION_LIFE_MS, SESSIONS_MAX);
  }

  /** A token for a link, good for ten minutes and for one use. */
  issueClaim(): string {
    return this.#claims.issue();
  }

  /** Trades a link's token for a session id, once; `undefined` when it is unknown, used or too old. */
  claim(token: string): string | undefined {
    return this.#claims.take(token) ? this.#sessions.issue() : undefined;
  }

  /** True for twelve hours after the claim, unless a hundred later sessions have pushed it out. */
  isValid(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }
}

interface KeptToken {
  readonly hash: Buffer;
  readonly expiresAtMonotonicMs: number;
}

/** Secrets kept only as hashes, oldest first. Every look-up compares with all of them, in constant time each. */
class TokenSet {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lifeMs: number;
  readonly #countMax: number;
  #kept: KeptToken[] = [];

  constructor(clock: Clock, random: Random, lifeMs: number, countMax: number) {
    this.#clock = clock;
    this.#random = random;
    this.#lifeMs = lifeMs;
    this.#countMax = countMax;
  }

  issue(): string {
    this.#forgetExpired();
    if (this.#kept.length >= this.#countMax) this.#kept.shift();
    const token = Buffer.from(this.#random.bytes(TOKEN_BYTES)).toString('base64url');
    this.#kept.push({ hash: hashOf(token), expiresAtMonotonicMs: this.#clock.monotonicMs() + this.#lifeMs });
    return token;
  }

  has(token: string): boolean {
    return this.#find(token) !== undefined;
  }

  take(token: string): boolean {
    const found = this.#find(token);
    if (found === undefined) return false;
    this.#kept = this.#kept.filter((kept) => kept !== found);
    return true;
  }

  #find(token: string): KeptToken | undefined {
    if (token.length !== TOKEN_CHARS) return undefined;
    this.#forgetExpired();
    const hash = hashOf(token);
    let found: KeptToken | undefined;
    for (const kept of this.#kept) {
      if (timingSafeEqual(kept.hash, hash)) found = kept;
    }
    return found;
  }

  #forgetExpired(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#kept = this.#kept.filter((kept) => kept.expiresAtMonotonicMs > nowMs);
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
