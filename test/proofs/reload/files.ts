import { createHash } from 'node:crypto';

/** Where the two names that the load calls lead under one version of the file, as `provider/model`. */
export interface Meaning {
  readonly live: string;
  readonly pair: readonly [string, string];
}

/** What stands in every version: the addresses of the providers, and the hash of the key that all calls are made with. */
export interface Ground {
  /** The provider that some versions replace. */
  readonly upUrl: string;
  /** The provider that no version changes. */
  readonly steadyUrl: string;
  readonly key: string;
}

export interface GoodFile {
  readonly text: string;
  readonly meaning: Meaning;
}

const LIVES = ['up/sim-small', 'steady/m', 'up/sim-medium', 'sim/sim-small', 'steady/n'] as const;
const SECONDS = ['sim/sim-small', 'up/sim-small', 'steady/m'] as const;

/**
 * The n-th good version. Each differs from the one before in where the names
 * lead; every third also replaces the provider `up`, with its sockets.
 */
export function goodFile(n: number, ground: Ground): GoodFile {
  const live = LIVES[n % LIVES.length] ?? LIVES[0];
  const pair = ['up/sim-large', SECONDS[n % SECONDS.length] ?? SECONDS[0]] as const;
  // Which target a call begins at is the file's to say here, whatever those before it met.
  const text = `${head(ground, Math.floor(n / 3))}
policies: { breaker: off, concurrency: off, retry_budget: off, retries_in_flight: off }
aliases: { live: ${live} }
routes:
  pair: { targets: [${pair.join(', ')}], attempts_max: 2, timeout: ${30 + (n % 90)}s }
${keysSection([['proof', ground.key]])}`;
  return { text, meaning: { live, pair } };
}

/** Mistakes of different kinds, each with the line and column that a report must name. */
export function badFile(n: number, good: string): { readonly text: string; readonly at: string } {
  const lines = good.split('\n');
  const line = (start: string) => lines.findIndex((text) => text.startsWith(start)) + 1;
  switch (n % 4) {
    case 0:
      return { text: good.replace(/live: \S+/, 'live: nowhere/x'), at: `${line('aliases')}:18` };
    case 1:
      return { text: good.replace('attempts_max: 2', 'attempts_max: many'), at: `${line('  pair')}:` };
    case 2:
      return { text: `${good}rotues: {}\n`, at: `${lines.length}:1` };
    default:
      return { text: `${good}log: [\n`, at: `${lines.length}:` };
  }
}

/** Ten thousand keys and a thousand routes, or one of each. The calls that are measured mean the same in both. */
export function sizedFile(ground: Ground, keys: number, routes: number): string {
  const declared: [string, string][] = Array.from({ length: keys - 1 }, (_, n) => [`app-${n}`, `lw_${n}`]);
  const others = Array.from(
    { length: routes - 1 },
    (_, n) =>
      `  route-${n}:\n    targets: [steady/m${n}, { target: up/m${n}, weight: ${n + 1} }]\n    attempts_max: 2\n`,
  );
  // The measured key and route stand last: whoever looks for them one by one takes longest.
  return `${head(ground, 0)}
aliases: { live: steady/m }
routes:
${others.join('')}  pair: { targets: [steady/m, up/m] }
${keysSection([...declared, ['proof', ground.key]])}`;
}

function head({ upUrl, steadyUrl }: Ground, edition: number): string {
  return `providers:
  up:
    preset: openai-compatible
    base_url: ${upUrl}
    api_key: "\${env:UP_KEY}"
    headers: { x-edition: "${edition}" }
  steady: { preset: openai-compatible, base_url: "${steadyUrl}", api_key: "\${env:UP_KEY}" }`;
}

function keysSection(keys: readonly (readonly [string, string])[]): string {
  const entries = keys.map(([name, key]) => {
    const hash = createHash('sha256').update(key).digest('hex');
    return `  ${name}:\n    key_hash: sha256:${hash}\n    scopes: [metrics]\n`;
  });
  return `keys:\n${entries.join('')}`;
}
