import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { LoadedConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';

const FILES: Readonly<Record<string, string>> = { '/run/secrets/openai': 'sk-from-a-file\n' };

function load(text: string, env: Record<string, string> = {}): LoadedConfig {
  return loadConfig({
    path: 'leeward.yaml',
    required: true,
    env,
    readText(path) {
      if (path.endsWith('/leeward.yaml')) return text;
      const file = FILES[path];
      if (file === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return file;
    },
  });
}

function report(text: string, env: Record<string, string> = {}): string {
  return refusal(text, env).report;
}

function refusal(text: string, env: Record<string, string> = {}): ConfigError {
  try {
    load(text, env);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown;
    throw thrown;
  }
  throw new Error('the file was accepted');
}

describe('a file that is right', () => {
  const text = `
server: { host: 127.0.0.1, port: "\${env:PORT:-5400}", drain: 1.5m, body_bytes_max: 1MiB }
providers:
  openai: { api_key: "\${env:OPENAI_API_KEY}", headers: { X-Team: blue }, timeouts: { connect: 2s } }
  pool:
    preset: openai-compatible
    base_url: https://pool.example/v1/
    http2: true
    credentials:
      - { name: a, api_key: "\${env:A}", weight: 3 }
      - { name: b, api_key: "\${file:/run/secrets/openai}" }
    prices:
      big: { input_usd_per_million: "0.15", cached_input_usd_per_million: "0.075", output_usd_per_million: "12" }
  local: { preset: ollama }
aliases: { demo: sim/sim-small, fast: cheap, cheap: local/qwen, write: route/writer }
routes:
  writer: { targets: [openai/gpt-5-mini, { target: route/spare }, fast], attempts_max: 2, timeout: 1m }
  spare: { targets: [pool/big, pool/vendor/small] }
  split: { strategy: weighted, targets: [{ target: openai/x, weight: 3 }, { target: route/half }] }
  half: { strategy: weighted, targets: [{ target: pool/a, weight: 1 }, { target: pool/b, weight: 4 }] }
retention_days: 30
`;
  const env = { OPENAI_API_KEY: 'sk-openai', A: 'sk-a' };

  test('is read with defaults for what it leaves out', () => {
    const { config, warnings, path } = load(text, env);
    expect(warnings).toEqual([]);
    expect(path).toBe('leeward.yaml');
    expect(config.server).toEqual({
      host: '127.0.0.1',
      port: 5400,
      allowedHosts: [],
      bodyBytesMax: 1_048_576,
      inFlightBytesMax: 268_435_456,
      drainMs: 90_000,
      drainAcceptMs: 5_000,
      trustedProxies: [],
      auth: 'keys',
    });
    expect(config.retentionDays).toBe(30);
    expect(config.log).toEqual({ level: 'info', prompts: false });
    expect(config.sim).toEqual({ seed: 1, faults: [] });
  });

  test('gives providers their preset, their keys and exact prices', () => {
    const { providers } = load(text, env).config;
    const openai = providers.get('openai');
    expect(openai?.baseUrl).toBe('https://api.openai.com/v1');
    expect(openai?.credentials.map((one) => one.apiKey.reveal())).toEqual(['sk-openai']);
    expect(openai?.headers.get('x-team')?.reveal()).toBe('blue');
    expect(openai?.timeouts).toEqual({ connectMs: 2_000 });
    expect(openai?.defaultPrice).toBeUndefined();
    const pool = providers.get('pool');
    expect(pool?.baseUrl).toBe('https://pool.example/v1');
    expect(pool?.credentials.map((one) => [one.name, one.apiKey.reveal(), one.weight])).toEqual([
      ['a', 'sk-a', 3],
      ['b', 'sk-from-a-file', 1],
    ]);
    expect(pool?.prices.get('big')).toEqual({
      inputPicoUsd: 150_000n,
      cachedInputPicoUsd: 75_000n,
      outputPicoUsd: 12_000_000n,
    });
    expect(providers.get('local')?.defaultPrice).toEqual({ inputPicoUsd: 0n, outputPicoUsd: 0n });
  });

  test('takes aliases and nested routes apart', () => {
    const { aliases, routes } = load(text, env).config;
    expect(Object.fromEntries(aliases)).toEqual({
      demo: 'sim/sim-small',
      fast: 'local/qwen',
      cheap: 'local/qwen',
      write: 'route/writer',
    });
    expect(routes.get('writer')).toMatchObject({
      name: 'writer',
      strategy: 'fallback',
      attemptsMax: 2,
      timeoutMs: 60_000,
      targets: [
        { provider: 'openai', model: 'gpt-5-mini', weight: 1 },
        { provider: 'pool', model: 'big', weight: 1 },
        { provider: 'pool', model: 'vendor/small', weight: 1 },
        { provider: 'local', model: 'qwen', weight: 1 },
      ],
    });
    expect(routes.get('split')?.targets.map((target) => target.weight)).toEqual([3, 0.2, 0.8]);
  });

  test('keeps its secrets from every ordinary way of printing', () => {
    const { config } = load(text, env);
    const apiKey = config.providers.get('openai')?.credentials[0]?.apiKey;
    const printed = `${apiKey} ${JSON.stringify([...config.providers], (_, value) => (typeof value === 'bigint' ? '' : value))} ${inspect(config, { depth: 9, showHidden: true })}`;
    expect(printed).toContain('[secret]');
    expect(printed).not.toContain('sk-');
  });

  test('has a version that changes with what it means, not with how it is written or which key it holds', () => {
    const { version } = load(text, env);
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(load(`# a comment\n${text.replace('1.5m', '90s')}`, { ...env, A: 'sk-other' }).version).toBe(version);
    expect(load(text.replace('1.5m', '91s'), env).version).not.toBe(version);
    expect(load(text.replace('"0.15"', '"0.16"'), env).version).not.toBe(version);
    expect(load(text, { ...env, PORT: '5401' }).version).not.toBe(version);
  });

  test('may leave sections empty, or be empty', () => {
    expect(load('routes:\n#  writer: …\n').config.routes.size).toBe(0);
    expect(load('').config.server.port).toBe(5339);
  });

  test('takes a key from the usual variable when it names none', () => {
    const { config } = load('providers: { groq: {} }', { GROQ_API_KEY: 'gsk-1' });
    expect(config.providers.get('groq')?.credentials[0]?.apiKey.reveal()).toBe('gsk-1');
  });

  test('does not look again at what a reference gave', () => {
    const { config } = load(`server: { host: "\${env:H}", allowed_hosts: ["$\${env:H}"] }`, { H: `\${env:SECRET}` });
    expect(config.server.host).toBe(`\${env:SECRET}`);
    expect(config.server.allowedHosts).toEqual([`\${env:H}`]);
  });
});

describe('no file', () => {
  const options = { path: '/nowhere/leeward.yaml', env: {} };

  test('gives the defaults when nobody asked for one', () => {
    const loaded = loadConfig({ ...options, required: false });
    expect(loaded.path).toBeUndefined();
    expect(loaded.config.providers.size).toBe(0);
  });

  test('is an error when somebody did', () => {
    expect(() => loadConfig({ ...options, required: true })).toThrow('/nowhere/leeward.yaml: there is no such file');
  });
});

describe('a report', () => {
  test('shows every problem of the file at once', () => {
    expect(
      report(`server:
  port: 99999
  drain: 30 seconds
  prot: 1
providers:
  openai: { api_key: "\${env:OPENAI_API_KEY}", base_ulr: https://x }
  opnai: {}
  azure: { preset: azure, api_key: "\${env:NO:-x}" }
aliases: { writer: openai/gpt, spare: opanai/gpt }
routes:
  writer:
    targets: [ { target: grok/llama, weight: 0 }, { target: openai/gpt, wieght: 3 } ]
    retires: 2
    strategy: fallbak
log: { level: loud }
retention_days: soon
`),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:2:9  error  port must be a whole number from 0 to 65535
         2 |   port: 99999
           |         ^^^^^
      leeward.yaml:3:10  error  drain must look like 500ms, 30s or 2m
         3 |   drain: 30 seconds
           |          ^^^^^^^^^^
      leeward.yaml:4:3  error  unknown key "prot", did you mean "port"?
         4 |   prot: 1
           |   ^^^^
      leeward.yaml:6:22  error  environment variable OPENAI_API_KEY is not set: export it, or write \${env:OPENAI_API_KEY:-default}
         6 |   openai: { api_key: "\${env:OPENAI_API_KEY}", base_ulr: https://x }
           |                      ^^^^^^^^^^^^^^^^^^^^^^^
      leeward.yaml:6:47  error  unknown key "base_ulr", did you mean "base_url"?
         6 |   openai: { api_key: "\${env:OPENAI_API_KEY}", base_ulr: https://x }
           |                                               ^^^^^^^^
      leeward.yaml:7:3  error  provider "opnai" needs a preset, did you mean "openai"?
         7 |   opnai: {}
           |   ^^^^^
      leeward.yaml:8:3  error  provider "azure" needs a base_url: its preset has none, or set AZURE_OPENAI_ENDPOINT
         8 |   azure: { preset: azure, api_key: [secret] }
           |   ^^^^^
      leeward.yaml:9:12  error  "writer" is also the name of a route: rename one of them
         9 | aliases: { writer: openai/gpt, spare: opanai/gpt }
           |            ^^^^^^
      leeward.yaml:9:39  error  "opanai/gpt" names an unknown provider, did you mean "openai"?
         9 | aliases: { writer: openai/gpt, spare: opanai/gpt }
           |                                       ^^^^^^^^^^
      leeward.yaml:12:26  error  "grok/llama" names an unknown provider: known are sim, openai, opnai, azure
        12 |     targets: [ { target: grok/llama, weight: 0 }, { target: openai/gpt, wieght: 3 } ]
           |                          ^^^^^^^^^^
      leeward.yaml:12:46  error  weight must be a number above 0 and at most 1000000
        12 |     targets: [ { target: grok/llama, weight: 0 }, { target: openai/gpt, wieght: 3 } ]
           |                                              ^
      leeward.yaml:12:73  error  unknown key "wieght", did you mean "weight"?
        12 |     targets: [ { target: grok/llama, weight: 0 }, { target: openai/gpt, wieght: 3 } ]
           |                                                                         ^^^^^^
      leeward.yaml:13:5  error  unknown key "retires": known here are targets, strategy, attempts_max, timeout, policies, on, degrade
        13 |     retires: 2
           |     ^^^^^^^
      leeward.yaml:14:15  error  strategy must be fallback or weighted, did you mean "fallback"?
        14 |     strategy: fallbak
           |               ^^^^^^^
      leeward.yaml:15:15  error  level must be trace, debug, info, warn, error or silent
        15 | log: { level: loud }
           |               ^^^^
      leeward.yaml:16:17  error  retention_days must be a whole number from 1 to 3650
        16 | retention_days: soon
           |                 ^^^^
      16 errors
      "
    `);
  });

  test('points at YAML that does not parse, and at what is wrong above it', () => {
    expect(
      report(`server: { prot: 1 }
providers:
  openai: { api_key: "\${env:X}"
  groq: { api_key: sk-1234567890abcdefgh
routes:
  a: [b, c
`),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:1:11  error  unknown key "prot", did you mean "port"?
         1 | server: { prot: 1 }
           |           ^^^^
      leeward.yaml:3:22  error  environment variable X is not set: export it, or write \${env:X:-default}
         3 |   openai: { api_key: "\${env:X}"
           |                      ^^^^^^^^^^
      leeward.yaml:4:3  error  wrong indentation, or a bracket that is not closed
         4 |   groq: { api_key: [secret]
           |   ^
      leeward.yaml:5:1  error  wrong indentation, or a bracket that is not closed
         5 | routes:
           | ^
      leeward.yaml:7:1  error  wrong indentation, or a bracket that is not closed
         7 | 
           | ^
      5 errors
      "
    `);
  });

  test('knows duplicate keys, and still checks the rest', () => {
    expect(
      report(`retention_days: 1
log: { level: info, level: warn }
retention_days: 2
"server": { prot: 1 }
`),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:2:21  error  duplicate key "level": it is already set above
         2 | log: { level: info, level: warn }
           |                     ^^^^^
      leeward.yaml:3:1  error  duplicate key "retention_days": it is already set above
         3 | retention_days: 2
           | ^^^^^^^^^^^^^^
      leeward.yaml:4:13  error  unknown key "prot", did you mean "port"?
         4 | "server": { prot: 1 }
           |             ^^^^
      3 errors
      "
    `);
  });

  test('names routes that go in a circle, once each', () => {
    expect(
      report(`aliases: { a: route/one }
routes:
  one: { targets: [route/two] }
  two:
    targets:
      - sim/x
      - target: a
  self: { targets: [route/self] }
`),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:7:17  error  this goes in a circle: a → route/one → route/two → a
         7 |       - target: a
           |                 ^
      leeward.yaml:8:21  error  this goes in a circle: route/self → route/self
         8 |   self: { targets: [route/self] }
           |                     ^^^^^^^^^^
      2 errors
      "
    `);
  });

  test('names routes and aliases that lead nowhere', () => {
    expect(
      report(`aliases: { a: route/wrtier, b: c, d: "sim/", writer: sim/x }
routes:
  writer: { targets: [writer, wrier, nothing/x] }
  empty: { targets: [] }
  none: {}
  text: { targets: sim/x }
  odd: { targets: [3, { target: 4 }, [sim/x]] }
`),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:1:15  error  "route/wrtier" names an unknown route, did you mean "writer"?
         1 | aliases: { a: route/wrtier, b: c, d: "sim/", writer: sim/x }
           |               ^^^^^^^^^^^^
      leeward.yaml:1:32  error  "c" is no alias, did you mean "a"?
         1 | aliases: { a: route/wrtier, b: c, d: "sim/", writer: sim/x }
           |                                ^
      leeward.yaml:1:38  error  "sim/" names no model: write provider/model
         1 | aliases: { a: route/wrtier, b: c, d: "sim/", writer: sim/x }
           |                                      ^^^^^^
      leeward.yaml:1:46  error  "writer" is also the name of a route: rename one of them
         1 | aliases: { a: route/wrtier, b: c, d: "sim/", writer: sim/x }
           |                                              ^^^^^^
      leeward.yaml:3:31  error  "wrier" is no alias, did you mean "writer"?
         3 |   writer: { targets: [writer, wrier, nothing/x] }
           |                               ^^^^^
      leeward.yaml:3:38  error  "nothing/x" names an unknown provider: known are sim
         3 |   writer: { targets: [writer, wrier, nothing/x] }
           |                                      ^^^^^^^^^
      leeward.yaml:4:12  error  targets needs at least 1 entry
         4 |   empty: { targets: [] }
           |            ^^^^^^^
      leeward.yaml:5:3  error  targets is missing
         5 |   none: {}
           |   ^^^^
      leeward.yaml:6:20  error  targets must be a list
         6 |   text: { targets: sim/x }
           |                    ^^^^^
      leeward.yaml:7:20  error  targets entry 1 must be text or a mapping
         7 |   odd: { targets: [3, { target: 4 }, [sim/x]] }
           |                    ^
      leeward.yaml:7:33  error  target must be provider/model, an alias or route/<name>
         7 |   odd: { targets: [3, { target: 4 }, [sim/x]] }
           |                                 ^
      leeward.yaml:7:38  error  targets entry 3 must be text or a mapping
         7 |   odd: { targets: [3, { target: 4 }, [sim/x]] }
           |                                      ^^^^^^^
      12 errors
      "
    `);
  });

  test('refuses a draw inside an order', () => {
    expect(
      report(`routes:
  outer: { targets: [route/inner, sim/x] }
  inner: { strategy: weighted, targets: [sim/a, sim/b] }
`),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:2:22  error  a weighted route in a fallback one has no meaning: give both the same strategy
         2 |   outer: { targets: [route/inner, sim/x] }
           |                      ^^^^^^^^^^^
      1 error
      "
    `);
  });

  test('explains references that cannot be resolved', () => {
    expect(
      report(
        `providers:
  a: { preset: openai, api_key: "\${env:MISSING}" }
  b: { preset: openai, api_key: "\${env:EMPTY}" }
  c: { preset: openai, api_key: "\${file:/run/secrets/none}" }
  d: { preset: openai, api_key: "\${OPENAI_API_KEY}" }
  e: { preset: openai, api_key: "\${env:OPEN" }
  f: { preset: openai, api_key: "\${vault:x/y}" }
server: { port: "\${env:PORT}" }
`,
        { EMPTY: '', PORT: 'http' },
      ),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:2:33  error  environment variable MISSING is not set: export it, or write \${env:MISSING:-default}
         2 |   a: { preset: openai, api_key: "\${env:MISSING}" }
           |                                 ^^^^^^^^^^^^^^^^
      leeward.yaml:3:33  error  environment variable EMPTY is empty: export it, or write \${env:EMPTY:-default}
         3 |   b: { preset: openai, api_key: "\${env:EMPTY}" }
           |                                 ^^^^^^^^^^^^^^
      leeward.yaml:4:33  error  cannot read /run/secrets/none: there is no such file
         4 |   c: { preset: openai, api_key: "\${file:/run/secrets/none}" }
           |                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      leeward.yaml:5:33  error  a reference names its kind, write \${env:OPENAI_API_KEY} ("$\${" for a plain "\${")
         5 |   d: { preset: openai, api_key: [secret] }
           |                                 ^^^^^^^^
      leeward.yaml:6:33  error  a reference is not closed: a "}" is missing
         6 |   e: { preset: openai, api_key: [secret] }
           |                                 ^^^^^^^^
      leeward.yaml:7:33  error  a reference names its kind, write \${env:NAME}, \${env:NAME:-default} or \${file:/path} ("$\${" for a plain "\${")
         7 |   f: { preset: openai, api_key: [secret] }
           |                                 ^^^^^^^^
      leeward.yaml:8:17  error  port must be a whole number from 0 to 65535
         8 | server: { port: "\${env:PORT}" }
           |                 ^^^^^^^^^^^^^
      7 errors
      "
    `);
  });

  test('says which fields of a provider do not fit together', () => {
    expect(
      report(`providers:
  sim: { preset: openai, api_key: "\${env:A:-a}" }
  mine: {}
  azure: {}
  groq: {}
  both: { preset: openai, api_key: "\${env:A:-a}", credentials: [{ name: a, api_key: "\${env:A:-a}" }] }
  twice:
    preset: openai
    credentials:
      - { name: a, api_key: "\${env:A:-a}" }
      - { name: a, api_key: "\${env:A:-b}", weight: -1 }
  url: { preset: ollama, base_url: "ftp://x" }
  user: { preset: ollama, base_url: "https://me:hunter2@host/v1" }
  wire: { preset: openai, api_key: "\${env:A:-a}", headers: { Host: x, X-A: a, x-a: b, "bad name": c } }
  cert: { preset: openai, api_key: "\${env:A:-a}", client_cert_file: /run/cert.pem }
  price: { preset: ollama, prices: { m: { input_usd_per_million: 0.15, output_usd_per_million: "0.1234567" } } }
`),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:2:3  error  "sim" is the name of the simulated provider: choose another
         2 |   sim: { preset: openai, api_key: [secret] }
           |   ^^^
      leeward.yaml:3:3  error  provider "mine" needs a preset: "openai-compatible" fits most others
         3 |   mine: {}
           |   ^^^^
      leeward.yaml:4:3  error  provider "azure" needs a base_url: its preset has none, or set AZURE_OPENAI_ENDPOINT
         4 |   azure: {}
           |   ^^^^^
      leeward.yaml:4:3  error  provider "azure" has no key: set AZURE_OPENAI_API_KEY, or write api_key
         4 |   azure: {}
           |   ^^^^^
      leeward.yaml:5:3  error  provider "groq" has no key: set GROQ_API_KEY, or write api_key
         5 |   groq: {}
           |   ^^^^
      leeward.yaml:6:51  error  write api_key or credentials, not both
         6 |   both: { preset: openai, api_key: [secret], credentials: [{ name: a, api_key: [secret] }] }
           |                                              ^^^^^^^^^^^
      leeward.yaml:11:17  error  two credentials have this name
        11 |       - { name: a, api_key: [secret], weight: -1 }
           |                 ^
      leeward.yaml:11:52  error  weight must be a number above 0 and at most 1000000
        11 |       - { name: a, api_key: [secret], weight: -1 }
           |                                               ^^
      leeward.yaml:12:36  error  base_url must be an http:// or https:// URL
        12 |   url: { preset: ollama, base_url: "ftp://x" }
           |                                    ^^^^^^^^^
      leeward.yaml:13:37  error  base_url must not hold a user or password: use api_key or headers
        13 |   user: { preset: ollama, base_url: "https://[secret]@host/v1" }
           |                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^
      leeward.yaml:14:62  error  header "host" is the transport's own
        14 | …: openai, api_key: [secret], headers: { Host: [secret], X-A: [secret], x-a: [secret], "bad name": [secret] } }
           |                                          ^^^^
      leeward.yaml:14:79  error  header "x-a" is written twice
        14 | …: openai, api_key: [secret], headers: { Host: [secret], X-A: [secret], x-a: [secret], "bad name": [secret] } }
           |                                                                         ^^^
      leeward.yaml:14:87  error  name must be a header name: letters, digits and "-"
        14 | …: openai, api_key: [secret], headers: { Host: [secret], X-A: [secret], x-a: [secret], "bad name": [secret] } }
           |                                                                                        ^^^^^^^^^^
      leeward.yaml:15:51  error  client_cert_file and client_key_file need each other
        15 |   cert: { preset: openai, api_key: [secret], client_cert_file: /run/cert.pem }
           |                                              ^^^^^^^^^^^^^^^^
      leeward.yaml:15:69  error  client_cert_file cannot be read: there is no such file
        15 |   cert: { preset: openai, api_key: [secret], client_cert_file: /run/cert.pem }
           |                                                                ^^^^^^^^^^^^^
      leeward.yaml:16:66  error  input_usd_per_million must be a price in quotes, such as "0.15", because a bare number is not exact
        16 | …price: { preset: ollama, prices: { m: { input_usd_per_million: 0.15, output_usd_per_million: "0.1234567" } } }
           |                                                                 ^^^^
      leeward.yaml:16:96  error  output_usd_per_million must be US dollars in digits, such as "0.15", with at most 6 decimals
        16 | …price: { preset: ollama, prices: { m: { input_usd_per_million: 0.15, output_usd_per_million: "0.1234567" } } }
           |                                                                                               ^^^^^^^^^^^
      17 errors
      "
    `);
  });

  test('refuses a server that answers the network without keys', () => {
    expect(
      report('server: { host: 0.0.0.0, auth: none, body_bytes_max: 2MiB, in_flight_bytes_max: 1MiB }'),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:1:32  error  auth: none would answer the whole network: use keys, or host 127.0.0.1
         1 | server: { host: 0.0.0.0, auth: none, body_bytes_max: 2MiB, in_flight_bytes_max: 1MiB }
           |                                ^^^^
      leeward.yaml:1:81  error  in_flight_bytes_max must not be below body_bytes_max
         1 | server: { host: 0.0.0.0, auth: none, body_bytes_max: 2MiB, in_flight_bytes_max: 1MiB }
           |                                                                                 ^^^^
      2 errors
      "
    `);
  });

  test('shows only the part of a long line that matters', () => {
    expect(
      report(`log: { level: info, ${' '.repeat(200)}levle: info, ${' '.repeat(200)} prompts: no }`),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:1:221  error  unknown key "levle", did you mean "level"?
         1 | …                    levle: info,                                                                              …
           |                      ^^^^^
      leeward.yaml:1:444  error  prompts must be true or false
         1 | …                                                                                                 prompts: no }
           |                                                                                                            ^^
      2 errors
      "
    `);
  });

  test('survives what is no configuration at all', () => {
    expect(report('- a\n- b\n')).toMatchInlineSnapshot(`
      "leeward.yaml:1:1  error  the file must be a mapping of keys to values
         1 | - a
           | ^^^
      1 error
      "
    `);
    expect(report('just text')).toMatchInlineSnapshot(`
      "leeward.yaml:1:1  error  the file must be a mapping of keys to values
         1 | just text
           | ^^^^^^^^^
      1 error
      "
    `);
    expect(report('a: *nothing\n')).toMatchInlineSnapshot(`
      "leeward.yaml:1:4  error  no anchor of this name stands above
         1 | a: *nothing
           |    ^^^^^^^^
      1 error
      "
    `);
    expect(report('---\na: 1\n---\nb: 2\n')).toMatchInlineSnapshot(`
      "leeward.yaml:2:1  error  unknown key "a": known here are server, providers, aliases, routes, policies, keys, budgets, prices, money, sim, log, store, retention_days, answer_retention_days, usage_retention_days
         2 | a: 1
           | ^
      leeward.yaml:3:1  error  only one document is allowed: remove the "---"
         3 | ---
           | ^^^
      2 errors
      "
    `);
    expect(report('server:\n\tport: 1\n')).toMatchInlineSnapshot(`
      "leeward.yaml:2:1  error  indent with spaces, not tabs
         2 |  port: 1
           | ^
      1 error
      "
    `);
  });
});

describe('a secret', () => {
  const secret = 'sk-proj-S3cr3tS3cr3tS3cr3t';

  test.each([
    ['in a key that is right', `providers: { openai: { api_key: ${secret}, x: 1 } }`],
    ['in a key that is misspelled', `providers: { openai: { apikey: ${secret} } }`],
    ['in a place where no key belongs', `routes: { a: { targets: [${secret}] }, ${secret}: 1 }`],
    ['in a key of the wrong kind', `providers: { openai: { api_key: [${secret}] } }`],
    ['with a space in it', `providers: { openai: { api_key: "${secret} x" } }`],
    ['in a header', `providers: { openai: { headers: { X-Auth: "hush ${secret}\\n" } } }`],
    ['in a block over several lines', `providers:\n  openai:\n    api_key: |\n      ${secret}\n      ${secret}\n`],
    ['in text that does not parse', `providers:\n  openai: { api_key: "${secret}\n  groq: {\n`],
    ['in a password of a proxy', `providers: { openai: { proxy: "ftp://me:${secret}@host" } }`],
    ['in a default', `providers: { openai: { api_key: "\${env:NO:-${secret} }" } }`],
    ['in a stray token', `providers: { openai: {} } "${secret}"\n`],
  ])('is not repeated by the report: %s', (_, text) => {
    const refused = refusal(text);
    const said = `${refused.report}${refused.message}${inspect(refused.problems)}`;
    expect(said).not.toContain('S3cr3t');
  });

  test('from the environment is not repeated where it does not belong', () => {
    const env = { KEY: secret };
    for (const text of [
      `routes: { a: { targets: ["\${env:KEY}"] } }`,
      `aliases: { a: "\${env:KEY}" }`,
      `log: { level: "\${env:KEY}" }`,
      `server: { drain: "\${env:KEY}" }`,
      `providers: { openai: { preset: "\${env:KEY}" } }`,
      `providers: { openai: { base_url: "\${env:KEY}" } }`,
      `providers: { openai: { ca_file: "\${env:KEY}" } }`,
    ]) {
      const refused = refusal(text, env);
      expect(`${refused.report}${refused.message}`).not.toContain('S3cr3t');
    }
  });

  test('that stands in the file is warned of', () => {
    const { warnings } = load(`providers: { openai: { api_key: ${secret} } }`);
    expect(warnings.join()).toContain('leeward.yaml:1:24  warning  a key is written into the file');
    expect(warnings.join()).not.toContain('S3cr3t');
  });
});

describe('declared keys', () => {
  const hash = (digit: string) => `sha256:${digit.repeat(64)}`;

  test('are read by their hash, with what narrows them', () => {
    const { config, warnings } = load(
      `
keys:
  app: { key_hash: ${hash('0')}, project: team-a, scopes: [metrics], expires_at: 2027-01-31 }
  ci: { key: "\${env:CI_KEY}" }
`,
      { CI_KEY: 'lw_from_the_environment' },
    );
    expect(warnings).toEqual([]);
    expect(config.keys.get('app')).toEqual({
      name: 'app',
      digest: Buffer.alloc(32).toString('base64url'),
      project: 'team-a',
      scopes: ['metrics'],
      expiresAt: Date.UTC(2027, 0, 31),
    });
    expect(config.keys.get('ci')?.digest).toMatch(/^[\w-]{43}$/);
    expect(inspect(config)).not.toContain('lw_from_the_environment');
  });

  test('that are none, two, the same or written out are told apart', () => {
    expect(
      report(`
keys:
  none: {}
  two: { key: lw_CANARY, key_hash: ${hash('1')} }
  one: { key_hash: ${hash('2')} }
  other: { key_hash: ${hash('2')} }
  odd: { key_hash: md5 }
  late: { key_hash: ${hash('3')}, expires_at: tomorrow }
`),
    ).toMatchInlineSnapshot(`
      "leeward.yaml:3:3  error  "none" has no key: "leeward config key" makes one, and its key_hash
         3 |   none: {}
           |   ^^^^
      leeward.yaml:4:10  error  write key or key_hash, not both
         4 |   two: { key: [secret], key_hash: sha256:1111111111111111111111111111111111111111111111111111111111111111 }
           |          ^^^
      leeward.yaml:4:10  warning  a key is written into the file: use key_hash, \${env:NAME} or \${file:/path}
         4 |   two: { key: [secret], key_hash: sha256:1111111111111111111111111111111111111111111111111111111111111111 }
           |          ^^^
      leeward.yaml:6:3  error  "other" is the same key as "one"
         6 |   other: { key_hash: sha256:2222222222222222222222222222222222222222222222222222222222222222 }
           |   ^^^^^
      leeward.yaml:7:20  error  key_hash must be sha256: and 64 hex digits, as "leeward config key" prints it
         7 |   odd: { key_hash: md5 }
           |                    ^^^
      leeward.yaml:8:106  error  expires_at must be a date such as 2027-01-31 or an instant such as 2027-01-31T12:00:00Z
         8 | …e: { key_hash: sha256:3333333333333333333333333333333333333333333333333333333333333333, expires_at: tomorrow }
           |                                                                                                      ^^^^^^^^
      5 errors, 1 warning
      "
    `);
  });
});
