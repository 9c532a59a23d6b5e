import { expect, test } from 'vitest';
import { presetProvider } from '../config/resolve-config.ts';
import { Secret } from '../config/secret.ts';
import { DEFAULT_TARGET_POLICIES } from '../protocol/policy.ts';
import type { RoutableProvider } from '../routing/router.ts';
import {
  fingerprintOf,
  nextPool,
  type ProviderPool,
  type ProviderRecipe,
  providerFingerprint,
} from './provider-pool.ts';

/** A provider of which only the transport's end can be seen. */
function provider(name: string, closed: string[]): RoutableProvider {
  const transport = {
    dispatch: () => {
      throw new Error('nobody calls here');
    },
    close: async () => void closed.push(name),
  };
  const handle = { name, transport } as unknown as RoutableProvider['handle'];
  return { handle, credentials: [], models: [], answersBareNames: true };
}

function recipes(closed: string[], of: Record<string, string>): Map<string, ProviderRecipe> {
  return new Map(
    Object.entries(of).map(([name, fingerprint]) => [
      name,
      {
        fingerprint,
        make() {
          if (fingerprint === 'broken') throw new Error('its certificate cannot be read');
          return provider(`${name}:${fingerprint}`, closed);
        },
      },
    ]),
  );
}

const namesOf = (pool: ProviderPool) => [...pool.values()].map(({ provider: { handle } }) => handle.name);

test('what has not changed stays the same object; what changed or is gone is retired, and not yet closed', () => {
  const closed: string[] = [];
  const first = nextPool(new Map(), recipes(closed, { same: '1', changed: '1', gone: '1' }));
  expect(first.fresh).toEqual(['same', 'changed', 'gone']);
  const second = nextPool(first.pool, recipes(closed, { same: '1', changed: '2', added: '1' }));
  expect(second.pool.get('same')).toBe(first.pool.get('same'));
  expect(namesOf(second.pool)).toEqual(['same:1', 'changed:2', 'added:1']);
  expect(second.fresh).toEqual(['changed', 'added']);
  expect(second.retired.map(({ handle }) => handle.name)).toEqual(['changed:1', 'gone:1']);
  expect(closed).toEqual([]);
});

test('a provider that cannot be made takes back those that were made before it, and leaves the old ones alone', () => {
  const closed: string[] = [];
  const { pool } = nextPool(new Map(), recipes(closed, { kept: '1' }));
  expect(() => nextPool(pool, recipes(closed, { kept: '1', made: '1', bad: 'broken' }))).toThrow('certificate');
  expect(closed).toEqual(['made:1']);
});

test('a fingerprint tells secrets apart that print alike', () => {
  const key = (secret: string) => fingerprintOf({ credentials: [{ apiKey: new Secret(secret) }], price: 1n });
  expect(key('sk-one')).not.toBe(key('sk-two'));
  expect(key('sk-one')).toBe(key('sk-one'));
  expect(key('sk-one')).not.toContain('sk-one');
  expect(fingerprintOf(new Map([['a', new Secret('x')]]))).not.toBe(fingerprintOf(new Map([['a', new Secret('y')]])));
});

test('other policies for its targets leave a provider as it is, other timeouts do not', () => {
  const plain = presetProvider('one', 'openai', 'file');
  const { headroom: _, ...policies } = DEFAULT_TARGET_POLICIES;
  expect(providerFingerprint({ ...plain, policies })).toBe(providerFingerprint(plain));
  expect(providerFingerprint({ ...plain, timeouts: { idleMs: 1 } })).not.toBe(providerFingerprint(plain));
});
