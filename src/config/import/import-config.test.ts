import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigError } from '../config-error.ts';
import { loadConfig } from '../load-config.ts';
import { importConfig } from './import-config.ts';
import type { Imported, ImportProduct } from './imported.ts';
import { placeText } from './source-part.ts';

const SAMPLES = join(import.meta.dirname, '../../../test/fixtures/import');

const samples: readonly [ImportProduct, string][] = [
  ['litellm', 'litellm.yaml'],
  ['portkey', 'portkey-fallback.json'],
  ['portkey', 'portkey-conditional.json'],
  ['bifrost', 'bifrost.json'],
];

const textOf = (file: string) => readFileSync(join(SAMPLES, file), 'utf8');

function imported(product: ImportProduct, source: unknown, model?: string): Imported {
  const text = typeof source === 'string' ? source : JSON.stringify(source);
  return importConfig(product, { path: 'theirs', text, ...(model === undefined ? {} : { model }) });
}

/** The new file as the gateway would see it. */
function loaded({ yaml, variables }: Imported) {
  const standIn = (holds: string) => (/tenant|API version/.test(holds) ? 'a-word' : 'https://an-address.invalid');
  const env = Object.fromEntries(variables.map(({ name, holds }) => [name, standIn(holds)]));
  return loadConfig({ path: 'leeward.yaml', required: true, env, readText: () => yaml }).config;
}

function listing({ carried, left, variables }: Imported): string {
  return [
    'carried over',
    ...carried.map(({ line, from, to }) => `  ${line}  ${from} → ${to}`),
    'left',
    ...left.map(({ line, from, why, instead }) => `  ${line}  ${from}: ${why}; ${instead}`),
    'variables',
    ...variables.map(({ name, origin, holds }) => `  ${name} (${origin}): ${holds}`),
    '',
  ].join('\n');
}

describe('what LiteLLM says of failing deployments', () => {
  const deployment = (name: string, model: string) => ({
    model_name: name,
    litellm_params: { model, api_key: 'os.environ/OPENAI_API_KEY' },
  });
  const list = [
    deployment('small', 'openai/gpt-5-mini'),
    deployment('large', 'openai/gpt-5'),
    deployment('other', 'groq/x'),
  ];

  test('becomes policies, and alternatives of the routes that they stand at', () => {
    const { config, left } = (() => {
      const result = imported('litellm', {
        model_list: list,
        router_settings: {
          num_retries: 0,
          allowed_fails: 2,
          cooldown_time: 60,
          context_window_fallbacks: [{ small: ['large', 'gone'] }],
        },
        litellm_settings: { content_policy_fallbacks: [{ '*': ['other'] }] },
      });
      return { config: loaded(result), left: result.left.map(({ from }) => from) };
    })();
    expect(config.policies.target.breaker).toMatchObject({ consecutiveMax: 3, openMs: 60_000 });
    expect(config.policies.target.coolDown.unaskedMs).toBe(60_000);
    expect(config.policies.route).not.toHaveProperty('backoff');
    expect(config.routes.get('small-route')?.policies.on).toEqual({
      contextLength: ['openai/gpt-5'],
      contentPolicy: ['groq/x'],
    });
    expect(config.routes.get('large-route')?.policies.on).toEqual({ contentPolicy: ['groq/x'] });
    expect(config.aliases.get('other')).toBe('groq/x');
    expect(left).toEqual(['router_settings.context_window_fallbacks[0].small[1]', 'router_settings.allowed_fails']);
  });

  test('may be that none is ever left alone', () => {
    const source = { model_list: list, router_settings: { disable_cooldowns: true, cooldown_time: 60 } };
    expect(loaded(imported('litellm', source)).policies.target).not.toHaveProperty('breaker');
  });
});

test('a wait that is longer than the whole attempt is left, because the file could not be loaded with it', () => {
  const litellm = imported('litellm', {
    model_list: [
      {
        model_name: 'a',
        litellm_params: { model: 'openai/a', api_key: 'os.environ/K', timeout: 5, stream_timeout: 9 },
      },
    ],
  });
  expect([...loaded(litellm).providers.values()].map(({ timeouts }) => timeouts)).toEqual([{ totalMs: 5_000 }]);
  expect(litellm.left.map(({ from }) => from)).toEqual(['model_list[0].litellm_params.stream_timeout']);
});

describe.each(samples)('a configuration of %s (%s)', (product, file) => {
  const result = importConfig(product, { path: file, text: textOf(file) });

  test('becomes this file', async () => {
    await expect(result.yaml).toMatchFileSnapshot(join(SAMPLES, `expected/${file}.leeward.yaml`));
  });

  test('has these parts carried over, left, and put into variables', async () => {
    await expect(listing(result)).toMatchFileSnapshot(join(SAMPLES, `expected/${file}.txt`));
  });

  test('gives away none of its secrets', () => {
    expect(textOf(file)).toContain('canary');
    expect(JSON.stringify(result)).not.toContain('canary');
  });

  test('is valid here, with providers', () => {
    expect(loaded(result).providers.size).toBeGreaterThan(1);
    expect(result.warnings).toEqual([]);
  });
});

describe('LiteLLM', () => {
  const model = (name: string, params: Record<string, unknown>) => ({ model_name: name, litellm_params: params });

  test('deployments of one model with different keys stay apart, so that each bill stays with its key', () => {
    const { providers } = loaded(
      imported('litellm', {
        model_list: [
          model('a', { model: 'openai/gpt-4o', api_key: 'sk-one' }),
          model('b', { model: 'openai/gpt-4o', api_key: 'sk-two' }),
          model('c', { model: 'openai/gpt-4o-mini', api_key: 'sk-one' }),
        ],
      }),
    );
    expect([...providers.keys()]).toEqual(['openai', 'openai-2']);
  });

  test('a key that is written out never takes the name of a variable that another deployment reads unasked', () => {
    const { yaml } = imported('litellm', {
      model_list: [model('a', { model: 'openai/x', api_key: 'sk-own' }), model('b', { model: 'openai/y' })],
    });
    expect(yaml.match(/OPENAI_API_KEY\w*/g)).toEqual(['OPENAI_API_KEY_2', 'OPENAI_API_KEY']);
  });

  test('a key that is no text, and a credential that is not there, are told', () => {
    const { left } = imported('litellm', {
      model_list: [model('a', { model: 'openai/x', api_key: { from: 'vault' }, litellm_credential_name: 'nobody' })],
    });
    expect(left.map(({ from }) => from).sort()).toEqual([
      'model_list[0].litellm_params.api_key',
      'model_list[0].litellm_params.litellm_credential_name',
    ]);
  });

  test('requests a minute are the shares of a draw', () => {
    const { routes } = loaded(
      imported('litellm', {
        model_list: [model('a', { model: 'openai/x', rpm: 10 }), model('a', { model: 'groq/y', rpm: 30 })],
      }),
    );
    expect(routes.get('a-route')).toMatchObject({
      strategy: 'weighted',
      targets: [
        { provider: 'openai', weight: 10 },
        { provider: 'groq', weight: 30 },
      ],
    });
  });

  test('no retries means one attempt at each model', () => {
    const fallbacks = [{ a: ['b'] }];
    const models = [model('a', { model: 'openai/x' }), model('b', { model: 'groq/y' })];
    const once = loaded(imported('litellm', { model_list: models, router_settings: { fallbacks, num_retries: 0 } }));
    expect(once.routes.get('a-route')).toMatchObject({ strategy: 'fallback', attemptsMax: 2 });
  });

  test('default fallbacks stand behind every model that has none of its own', () => {
    const models = [model('a', { model: 'openai/x' }), model('b', { model: 'groq/y' }), model('c', { model: 'xai/z' })];
    const { routes, aliases } = loaded(
      imported('litellm', {
        model_list: models,
        litellm_settings: { default_fallbacks: ['c'], fallbacks: [{ b: ['a'] }] },
      }),
    );
    const providersOf = (route: string) => routes.get(route)?.targets.map(({ provider }) => provider);
    expect([providersOf('a-route'), providersOf('b-route')]).toEqual([
      ['openai', 'xai'],
      ['groq', 'openai'],
    ]);
    expect(aliases.get('c')).toBe('xai/z');
  });

  test('a price per token is written exactly, and one that cannot be is left', () => {
    const priced = (input: number) =>
      imported('litellm', {
        model_list: [
          {
            ...model('a', { model: 'openai/x' }),
            model_info: { input_cost_per_token: input, output_cost_per_token: 3e-6 },
          },
        ],
      });
    expect(loaded(priced(1.25e-7)).providers.get('openai')?.prices.get('x')).toEqual({
      inputPicoUsd: 125_000n,
      outputPicoUsd: 3_000_000n,
    });
    expect(priced(1.25e-14).left.map(({ from }) => from)).toEqual(['model_list[0].model_info']);
  });

  test('a bare name means the vendor it is known by', () => {
    const { aliases } = loaded(imported('litellm', { model_list: [model('a', { model: 'gpt-4o' })] }));
    expect(aliases.get('a')).toBe('openai/gpt-4o');
  });

  test('a name with a slash is given another one, and that is told', () => {
    const result = imported('litellm', { model_list: [model('team/writer', { model: 'openai/gpt-4o' })] });
    expect([...loaded(result).aliases]).toEqual([['team-writer', 'openai/gpt-4o']]);
    expect(result.left).toMatchObject([
      { from: 'model_list[0].model_name', instead: 'clients send "team-writer" instead' },
    ]);
  });

  test('text that looks like a reference of ours stays text', () => {
    const { aliases } = loaded(
      imported('litellm', { model_list: [model(`a\${env:HOME}`, { model: `openai/\${file:/x}` })] }),
    );
    expect([...aliases.values()]).toEqual([`openai/\${file:/x}`]);
  });

  test.each(['http://user:pw@host/v1', 'https://host/v1?key=s3cr3t', 'ftp://host', 'nonsense'])(
    'an address that may hold a secret, or is none, is left and not shown: %s',
    (address) => {
      const result = imported('litellm', { model_list: [model('a', { model: 'openai/x', api_base: address })] });
      expect(result.left.map(({ from }) => from)).toEqual(['model_list[0].litellm_params.api_base']);
      expect(JSON.stringify(result)).not.toMatch(/s3cr3t|user:pw/);
    },
  );

  test('more targets than a route may have are told', () => {
    const models = Array.from({ length: 70 }, (_, index) => model('a', { model: `openai/m${index}` }));
    const result = imported('litellm', { model_list: models });
    expect(loaded(result).routes.get('a-route')?.targets).toHaveLength(64);
    expect(result.left).toMatchObject([{ from: 'model_list[69].model_name', why: 'a route has at most 64 targets' }]);
  });
});

describe('Portkey', () => {
  test('a target without a model is a provider that can be called by name', () => {
    const result = imported('portkey', { provider: 'groq', api_key: 'gsk-x' });
    const { providers, aliases } = loaded(result);
    expect([[...providers.keys()], aliases.size]).toEqual([['groq'], 0]);
    expect(result.left).toMatchObject([{ from: 'provider' }]);
  });

  test('and with a model given for it, the config is a route', () => {
    const config = { strategy: { mode: 'fallback' }, targets: [{ provider: 'groq' }, { provider: 'deepseek' }] };
    const { routes, aliases } = loaded(imported('portkey', config, 'm-1'));
    expect(aliases.get('theirs')).toBe('route/theirs-route');
    expect(routes.get('theirs-route')?.targets).toMatchObject([
      { provider: 'groq', model: 'm-1' },
      { provider: 'deepseek', model: 'm-1' },
    ]);
  });

  test('entries of the vault that a model names are told apart, and their vendor is a guess that is told', () => {
    const target = (model: string) => ({ override_params: { model } });
    const config = {
      strategy: { mode: 'fallback' },
      targets: [target('@openai-eu/gpt-4o'), target('@openai-us/gpt-4o'), target('@who/knows')],
    };
    const result = imported('portkey', config);
    expect(result.variables.map(({ name }) => name)).toEqual(['OPENAI_API_KEY', 'OPENAI_API_KEY_2']);
    expect([...loaded(result).providers.keys()]).toEqual(['openai', 'openai-2']);
    expect(new Set(result.left.map(({ from }) => from))).toEqual(
      new Set(['targets[0].override_params.model', 'targets[1].override_params.model', 'targets[2]']),
    );
  });

  test('a draw inside a draw keeps the shares', () => {
    const openai = (model: string, weight: number) => ({ provider: 'openai', weight, override_params: { model } });
    const config = {
      strategy: { mode: 'loadbalance' },
      targets: [
        openai('a', 1),
        { weight: 3, strategy: { mode: 'loadbalance' }, targets: [openai('b', 1), openai('c', 2)] },
        openai('never', 0),
      ],
    };
    const result = imported('portkey', config);
    expect(
      loaded(result)
        .routes.get('theirs-route')
        ?.targets.map(({ model, weight }) => [model, weight]),
    ).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 2],
    ]);
    expect(result.left.map(({ from }) => from)).toEqual(['targets[2].weight']);
  });
});

describe('Bifrost', () => {
  test('keys of one provider are its credentials, with their weights', () => {
    const keys = [
      { name: 'a', value: 'env.A', weight: 0.7 },
      { name: 'a', value: 'sk-b', weight: 0.3 },
    ];
    const { providers } = loaded(imported('bifrost', { providers: { openai: { keys } } }));
    expect(providers.get('openai')?.credentials).toMatchObject([
      { name: 'a', weight: 0.7 },
      { name: 'a-2', weight: 0.3 },
    ]);
  });

  test('an address gets the /v1 that Bifrost puts behind it by itself', () => {
    const at = (base_url: string) =>
      loaded(
        imported('bifrost', {
          providers: {
            own: { custom_provider_config: { base_provider_type: 'openai' }, network_config: { base_url } },
          },
        }),
      ).providers.get('own')?.baseUrl;
    expect(at('https://llm.acme.example/openai/')).toBe('https://llm.acme.example/openai/v1');
    expect(at('https://llm.acme.example/v1')).toBe('https://llm.acme.example/v1');
  });
});

describe('a text that cannot be read', () => {
  /** Each line nine times the one before it. */
  const bomb = (name: string, index: number) => {
    const before = String.fromCharCode('a'.charCodeAt(0) + index);
    return `${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]\n`;
  };

  test.each([
    ['model_list: [\nkey: hunter2-is-secret', 'theirs:2:'],
    ['- a\n- b', 'theirs:1:1'],
    ['', 'theirs:1:1'],
    ['a: &a [*a]', 'theirs:1:1'],
    [
      `a: &a [x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, index) => bomb(name, index)).join('')}`,
      'theirs:1:1',
    ],
  ])('is refused with its line, and without its values: %j', (text, position) => {
    const refused = (): unknown => {
      try {
        return imported('litellm', text);
      } catch (thrown) {
        return thrown;
      }
    };
    const error = refused();
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).report).toContain(position);
    expect((error as ConfigError).report).not.toContain('hunter2');
  });

  test('JSON may be indented with tabs', () => {
    const text = JSON.stringify({ providers: { groq: { keys: [{ name: 'g', value: 'env.GROQ' }] } } }, undefined, '\t');
    expect(loaded(imported('bifrost', text)).providers.has('groq')).toBe(true);
  });

  test('a key that stands twice does not stop the import', () => {
    const result = imported('litellm', 'model_list: []\nmodel_list: []\n');
    expect(result.left).toMatchObject([{ line: 2 }]);
  });
});

/** Anything that JSON can hold, and words that mean something here. */
const junk = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    'os.environ/X',
    'env.X',
    'os.environ/',
    `\${env:X}`,
    '__proto__',
    'constructor',
    -1,
    0,
    1e300,
    '*',
    '',
  ),
  fc.array(fc.dictionary(fc.constantFrom('name', 'model', 'provider', 'value', 'targets', 'weight'), fc.jsonValue())),
);

interface Place {
  readonly container: Record<string | number, unknown>;
  readonly step: string | number;
  readonly path: readonly (string | number)[];
}

function places(root: unknown): Place[] {
  const found: Place[] = [];
  const visit = (value: unknown, path: readonly (string | number)[]) => {
    if (typeof value !== 'object' || value === null) return;
    const steps = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
    for (const step of steps) {
      const container = value as Record<string | number, unknown>;
      found.push({ container, step, path: [...path, step] });
      visit(container[step], [...path, step]);
    }
  };
  visit(root, []);
  return found;
}

/** What only others refer to, or what says what is so anyway. */
const SILENT =
  /(?:^|\.)(?:credential_name|credential_info|id|\$schema|version|enabled|models|is_key_less|mode|name)(?:$|[.[])|^model_list\[\d+\]\.model_info\.id$/;

function unaccounted(source: unknown, { carried, left }: Imported): string[] {
  const told = new Set([...carried, ...left].map(({ from }) => from));
  if (told.has(placeText([]))) return [];
  return places(source)
    .filter(({ container, step }) => {
      const value = container[step];
      return typeof value !== 'object' && value !== '';
    })
    .map(({ path }) => path.map((_, length) => placeText(path.slice(0, length + 1))))
    .filter((prefixes) => !prefixes.some((place) => told.has(place)) && !SILENT.test(prefixes.at(-1) ?? ''))
    .map((prefixes) => prefixes.at(-1) ?? '');
}

describe.each(samples)('junk in %s (%s)', (product, file) => {
  const original: unknown = parse(textOf(file));
  const before = imported(product, original);

  test('without any, each value is accounted for', () => {
    expect(unaccounted(original, before)).toEqual([]);
  });

  test('in place of any value never stops the import, and each value that is there is accounted for', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 4 }), (changes) => {
        const source: unknown = structuredClone(original);
        for (const [at, value] of changes) {
          const all = places(source);
          const place = all[at % all.length];
          if (place !== undefined) place.container[place.step] = structuredClone(value);
        }
        const result = imported(product, source);
        loaded(result);
        expect(unaccounted(JSON.parse(JSON.stringify(source)), result)).toEqual([]);
        expect(JSON.stringify(result)).not.toContain('canary');
      }),
      { numRuns: 150 },
    );
  });

  test('beside what is known never loses any of that', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), junk, (at, name, value) => {
        const source: unknown = structuredClone(original);
        const mappings = [source, ...places(source).map(({ container, step }) => container[step])].filter(
          (one): one is Record<string, unknown> => typeof one === 'object' && one !== null && !Array.isArray(one),
        );
        const mapping = mappings[at % mappings.length];
        if (mapping !== undefined) mapping[`junk-${name}`] = value;
        const result = imported(product, source);
        const kept = new Set(result.carried.map(({ from, to }) => `${from} → ${to}`));
        expect(before.carried.map(({ from, to }) => `${from} → ${to}`).filter((entry) => !kept.has(entry))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
