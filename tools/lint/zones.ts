/** The parts that stand side by side, each behind its own small interface. */
export const FEATURES = [
  'access',
  'catalog',
  'config',
  'money',
  'observability',
  'providers',
  'routing',
  'sim',
  'store',
  'tokens',
  'transport',
] as const;

/**
 * Where a file stands. `part` is the folder inside it whose siblings it must
 * not know: a dialect under `edge`, an upstream under `providers`.
 */
export interface Zone {
  readonly name: string;
  readonly part: string | undefined;
}

/** The zone of a path below `src/`; `undefined` for a place that has no rule yet. */
export function zoneOf(path: string): Zone | undefined {
  if (path === 'main.ts') return { name: 'main', part: undefined };
  if (path === 'compose.ts' || path.startsWith('compose/')) return { name: 'compose', part: undefined };
  if (path.startsWith('store/ledger/')) return { name: 'ledger', part: undefined };
  const [folder = '', part, ...rest] = path.split('/');
  if (!Object.hasOwn(MAY_IMPORT, folder) || part === undefined) return undefined;
  const hasParts = folder === 'edge' || folder === 'providers';
  return { name: folder, part: hasParts && rest.length > 0 ? part : undefined };
}

const CENTRE = ['protocol', 'kernel'];
const FEATURE_SIGHT = ['store', ...CENTRE];
const DOOR_SIGHT = ['exchange', 'ledger', ...FEATURES, ...CENTRE];
const ENTRY_SIGHT = ['config', ...CENTRE];

/** The arrows: which zones, or parts of one, a zone may import besides itself. Everything not listed is forbidden. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ENTRY_SIGHT,
  // The command line says amounts and durations in the words of the log.
  cli: ['observability', ...ENTRY_SIGHT],
  compose: ['edge', 'admin', 'forecast', ...DOOR_SIGHT],
  edge: DOOR_SIGHT,
  // Admin's routes stand in the same front door as the dialects: they share its route table and its answers.
  admin: ['edge/http', ...DOOR_SIGHT],
  // Drives the exchange as the front door does, with made-up clients and providers; `compose` hands it the dialect.
  forecast: DOOR_SIGHT,
  exchange: [...FEATURES, ...CENTRE],
  ...Object.fromEntries(FEATURES.map((feature) => [feature, FEATURE_SIGHT])),
  store: CENTRE,
  // Money's ledger, as it stands in the store: the one place that knows both.
  ledger: ['store', 'money', ...CENTRE],
  protocol: ['kernel'],
  kernel: [],
};

/** Folders of providers that may know another one: two wires of one vendor, with the same models, errors and counts. */
export const SAME_VENDOR: Readonly<Record<string, readonly string[]>> = { responses: ['openai'] };

/** What the two entries may reach besides, loaded only when a command needs it; its types cost nothing. */
export const MAY_LOAD: Readonly<Record<string, readonly string[]>> = {
  main: ['compose', 'main', 'sim', 'cli'],
  cli: ['compose', 'forecast', 'main', 'sim'],
};

const SOCKET_MODULES = new Set([
  'node:net',
  'node:tls',
  'node:http',
  'node:https',
  'node:http2',
  'node:dgram',
  'undici',
]);

/** Names of `node:net` that only look at an address. */
const ADDRESS_ONLY = new Set(['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress']);

/** Whether importing `names` from `specifier` gives a way to open or to hold a socket. */
export function givesSockets(specifier: string, names: readonly string[]): boolean {
  if (!SOCKET_MODULES.has(specifier)) return false;
  return specifier !== 'node:net' || names.length === 0 || names.some((name) => !ADDRESS_ONLY.has(name));
}

/** Whether the file at `path` (below `src/`) may hold sockets. */
export function mayHoldSockets(path: string): boolean {
  return /^(?:edge\/http\/|transport\/|admin\/|cli\/|sim\/serve|compose(?:\.ts|\/)|main\.ts)/.test(path);
}

/** The zones at the centre, which need Node and nothing else. */
export const WITHOUT_PACKAGES: ReadonlySet<string> = new Set(['kernel', 'protocol']);
