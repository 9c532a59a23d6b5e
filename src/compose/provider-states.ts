import type { ProviderState } from '../admin/page/page-data.ts';
import type { KeyCheck } from '../config/discover.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AttemptEnd } from '../protocol/attempt-record.ts';

/** What is known of each provider's health: from the check at the start, then from the calls it serves. */
export class ProviderStates {
  readonly #states = new Map<string, ProviderState>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The providers of a new configuration; of those that are not fresh everything stays known. */
  replace(states: readonly ProviderState[], fresh: ReadonlySet<string>): void {
    const known = new Map(this.#states);
    this.#states.clear();
    for (const state of states) this.add(fresh.has(state.name) ? state : (known.get(state.name) ?? state));
  }

  add(state: ProviderState): void {
    this.#states.set(state.name, state);
  }

  list(): ProviderState[] {
    return [...this.#states.values()];
  }

  checked(name: string, check: KeyCheck): void {
    const known = this.#states.get(name);
    if (known === undefined) return;
    const now = this.#clock.now();
    switch (check.kind) {
      case 'ok':
        this.add({
          ...known,
          state: 'ok',
          lastOkAt: now,
          ...(check.models === undefined ? {} : { models: check.models }),
        });
        return;
      case 'refused':
        this.add({ ...known, state: 'refused', lastErrorAt: now, detail: `the key was refused (${check.status})` });
        return;
      case 'unreachable':
        this.add({ ...known, state: 'unreachable', lastErrorAt: now, detail: check.reason });
        return;
      case 'unchecked':
        this.add({ ...known, detail: check.reason });
        return;
    }
  }

  /** Takes note of how an attempt went. One that the client left says nothing about its provider. */
  attemptEnded(provider: string, end: AttemptEnd): void {
    const known = this.#states.get(provider);
    if (known === undefined) return;
    const now = this.#clock.now();
    if (end.outcome === 'ok') {
      const justSeen = known.state === 'ok' && now - (known.lastOkAt ?? 0) < FRESH_MS;
      if (!justSeen) this.add({ ...known, state: 'ok', lastOkAt: now });
    } else if (isProvidersFault(end)) {
      const lastError = end.errorMessage === undefined ? {} : { lastError: end.errorMessage };
      this.add({ ...known, state: 'degraded', lastErrorAt: now, ...lastError });
    }
  }
}

/** Nobody looks closer than that, and a busy provider answers thousands of times in between. */
const FRESH_MS = 1_000;

/** Answers about the request itself: whoever gives them is well. Its other refusals are about our key or its load. */
const ABOUT_THE_REQUEST = new Set([400, 404, 405, 409, 413, 415, 422]);

function isProvidersFault({ outcome, status }: AttemptEnd): boolean {
  if (outcome === 'truncated') return true;
  return outcome === 'failed' && !(status !== undefined && ABOUT_THE_REQUEST.has(status));
}
