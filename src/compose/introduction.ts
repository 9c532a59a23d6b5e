import manifest from '../../package.json' with { type: 'json' };
import type { Keyring } from '../access/keyring.ts';
import type { PageSessions } from '../admin/page/page-sessions.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../observability/log.ts';
import type { Store } from '../store/store.ts';
import { devKey } from './dev-key.ts';
import type { FoundProviders } from './find-providers.ts';
import type { ProviderStates } from './provider-states.ts';
import { selfTest } from './self-test.ts';
import { startBlock } from './start-block.ts';

/** How long the start waits for providers to answer before it goes on without them. */
const KEY_CHECK_WAIT_MS = 400;

export interface IntroductionParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  readonly store: Store;
  readonly found: FoundProviders;
  readonly states: ProviderStates;
  readonly keyring: Keyring;
  readonly sessions: PageSessions;
  readonly baseUrl: string;
  readonly adminUrl: string;
  say(line: string): void;
}

/** The first minute of a newcomer: a key, a call that has already worked, and what to type next. */
export async function introduce(parts: IntroductionParts): Promise<void> {
  const { dataDir, found, store, baseUrl, adminUrl } = parts;
  const { key, path } = await devKey(dataDir, parts.keyring);
  const [test] = await Promise.all([selfTest(baseUrl, key, parts.clock), checkKeys(parts)]);
  const lines = startBlock({
    version: manifest.version,
    dataDir,
    ...(store.kind === 'server' ? { server: store.place } : {}),
    providers: parts.states.list(),
    notices: found.notices,
    baseUrl,
    adminUrl,
    key,
    keyFile: path,
    claim: parts.sessions.issueClaim(),
    selfTest: test,
  });
  for (const line of lines) parts.say(line);
}

/** Asks each found provider for its models, which costs nothing; whoever is slow is shown when the answer comes. */
async function checkKeys({ found, clock, states, log, say }: IntroductionParts): Promise<void> {
  let shown = false;
  const checks = found.checks((name, check) => {
    states.checked(name, check);
    if (!shown) return;
    const state = states.list().find((provider) => provider.name === name);
    say(`  ${name}: ${state?.state}${state?.detail === undefined ? '' : `, ${state.detail}`}`);
  });
  checks.catch((err: unknown) => log.warn({ err }, 'a provider could not be checked'));
  await Promise.race([checks, new Promise<void>((resolve) => clock.after(KEY_CHECK_WAIT_MS, resolve))]);
  shown = true;
}
