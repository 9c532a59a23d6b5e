import { hash } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { Allowance } from '../protocol/allowance.ts';
import { isWellFormedKey } from './key-format.ts';

/** A key as the store knows it, without its secret. */
export interface KnownKey {
  readonly id: string;
  readonly organisation: string;
  readonly project: string;
  readonly parentKeyId?: string;
  /** All its parents, the nearest first. Known once it has been looked up by its secret; absent when it has none. */
  readonly ancestors?: readonly string[];
  /** Its own rules and those of its parents, each of which must hold; otherwise as `ancestors`. */
  readonly allowances?: readonly Allowance[];
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  readonly revokedAt?: number;
}

/** @returns the key, or `undefined` when there is none with this secret */
export type KeyLookup = (key: string) => Promise<KnownKey | undefined>;

interface CacheEntry {
  readonly key: KnownKey | undefined;
  readonly loadedMs: number;
}

export interface AuthenticatorOptions {
  readonly lookup: KeyLookup;
  /** A key that needs no lookup and is not remembered: the configuration in force declares it. By its SHA-256 in base64url. */
  declared?(digest: string): KnownKey | undefined;
  readonly clock: Clock;
  /** How long another process's change of a key may go unseen. Changes of this process count at once, through `forget`. */
  readonly knownMs: number;
}

const CACHE_KEYS_MAX = 100_000;
/** Unknown keys are remembered briefly, so that a flood of one wrong key does not become a flood of queries. */
const UNKNOWN_MS = 2_000;
/** While the store does not answer, a key that was good goes on being good for this long. */
const STALE_MS_MAX = 600_000;

/**
 * Says who presents a key. The usual call is answered from memory; entries are
 * kept under a SHA-256 of the key, never under the key.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #cache = new Map<string, CacheEntry>();
  #loading = new Map<string, Promise<KnownKey | undefined>>();
  readonly #expiries = new WeakMap<KnownKey, string>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /**
   * @returns the key at once when it is in memory, otherwise a promise of it
   * @throws `unauthenticated` (also as a rejection) with what is wrong and what to do
   */
  authenticate(presented: string | undefined): KnownKey | Promise<KnownKey> {
    if (presented === undefined) throw missing();
    // All of it also for what cannot be a key: how long a refusal takes must not tell it from another.
    const digest = hash('sha256', presented, 'base64url');
    const declared = this.#options.declared?.(digest);
    const cached = this.#cache.get(digest);
    if (!isWellFormedKey(presented)) throw refused();
    if (declared !== undefined) return this.#checked(declared);
    if (cached !== undefined && this.#isFresh(cached)) return this.#checked(cached.key);
    return this.#load(presented, digest, cached);
  }

  /** Drops what is remembered, so that a change of any key counts from now on. */
  forget(): void {
    this.#cache.clear();
    // What is being looked up may have been read before the change: nobody else waits for it, nobody keeps it.
    this.#loading = new Map();
  }

  #isFresh(entry: CacheEntry): boolean {
    const keptMs = entry.key === undefined ? UNKNOWN_MS : this.#options.knownMs;
    return entry.loadedMs + keptMs > this.#options.clock.monotonicMs();
  }

  async #load(presented: string, digest: string, stale: CacheEntry | undefined): Promise<KnownKey> {
    const lookups = this.#loading;
    let loading = lookups.get(digest);
    if (loading === undefined) {
      loading = this.#options.lookup(presented).finally(() => lookups.delete(digest));
      lookups.set(digest, loading);
    }
    let key: KnownKey | undefined;
    try {
      key = await loading;
    } catch (cause) {
      const usable = stale?.key !== undefined && stale.loadedMs + STALE_MS_MAX > this.#options.clock.monotonicMs();
      if (usable) return this.#checked(stale.key);
      throw new GatewayError('overloaded', {
        message: 'The key could not be checked because the store does not answer. Try again in a moment.',
        retryAfterMs: 1_000,
        cause,
      });
    }
    if (lookups === this.#loading) this.#remember(digest, key);
    return this.#checked(key);
  }

  #remember(digest: string, key: KnownKey | undefined): void {
    if (this.#cache.size >= CACHE_KEYS_MAX) {
      const oldest = this.#cache.keys().next();
      if (!oldest.done) this.#cache.delete(oldest.value);
    }
    this.#cache.set(digest, { key, loadedMs: this.#options.clock.monotonicMs() });
  }

  #checked(key: KnownKey | undefined): KnownKey {
    if (key === undefined) throw refused();
    if (key.revokedAt !== undefined) {
      throw new GatewayError('unauthenticated', {
        message: 'This API key has been revoked. Ask for a new one, or make one with `leeward keys create`.',
      });
    }
    if (key.expiresAt !== undefined && key.expiresAt <= this.#options.clock.now()) {
      throw new GatewayError('unauthenticated', { message: this.#expiry(key, key.expiresAt) });
    }
    return key;
  }

  /** Written once: formatting a date anew would make this refusal measurably slower than the others. */
  #expiry(key: KnownKey, expiresAt: number): string {
    let message = this.#expiries.get(key);
    if (message === undefined) {
      message = `This API key expired at ${new Date(expiresAt).toISOString()}. Ask for a new one.`;
      this.#expiries.set(key, message);
    }
    return message;
  }
}

function missing(): GatewayError {
  return new GatewayError('unauthenticated', {
    message:
      'No API key was sent. Send it as `Authorization: Bearer lw_…` (or x-api-key); `leeward keys create` makes one.',
  });
}

function refused(): GatewayError {
  return new GatewayError('unauthenticated', {
    message: 'This API key is not known here. Check that it is whole and that it is one of this gateway.',
  });
}
