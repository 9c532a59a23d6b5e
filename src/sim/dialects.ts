import type { ReadRequest, SimDialect } from './dialect.ts';

/** What tells a dialect by: the path without its query, and the headers. */
export type Address = Pick<ReadRequest, 'pathname' | 'headers'>;

/** A dialect that is there to be loaded: most processes are asked in one of them, and each takes its time to load. */
interface Loadable {
  /** Whether a request is this dialect's to answer, errors included. */
  owns(address: Address): boolean;
  load(): Promise<() => SimDialect>;
}

/** A new one is a folder with a `SimDialect` and an entry here. The last one answers what no other does. */
const DIALECTS: readonly Loadable[] = [
  {
    owns: ({ pathname, headers }) =>
      under('/v1/messages', pathname) || ('anthropic-version' in headers && under('/v1/models', pathname)),
    load: async () => (await import('./anthropic/dialect.ts')).anthropicDialect,
  },
  {
    owns: ({ pathname }) => under('/v1/responses', pathname),
    load: async () => (await import('./responses/dialect.ts')).responsesDialect,
  },
  {
    owns: ({ pathname, headers }) =>
      pathname.startsWith('/v1beta/') ||
      (under('/v1/models', pathname) && ('x-goog-api-key' in headers || GEMINI_CALL.test(pathname))),
    load: async () => (await import('./gemini/dialect.ts')).geminiDialect,
  },
  {
    owns: () => true,
    load: async () => (await import('./openai/dialect.ts')).openAiDialect,
  },
];

/** A colon alone tells nothing: the names of tuned models have some. */
const GEMINI_CALL = /:(?:generateContent|streamGenerateContent|countTokens|embedContent|batchEmbedContents)$/;

function under(root: string, pathname: string): boolean {
  return pathname === root || pathname.startsWith(`${root}/`);
}

const loaded = new Map<Loadable, () => SimDialect>();

async function load(dialect: Loadable): Promise<void> {
  loaded.set(dialect, await dialect.load());
}

/** Loads every dialect, for whoever calls a simulator without preparing each request. */
export async function loadDialects(): Promise<void> {
  await Promise.all(DIALECTS.map(load));
}

/** The dialects of one simulator, each made when it is first asked. */
export class Dialects {
  readonly #made = new Map<Loadable, SimDialect>();

  /** @returns undefined when the dialect of this request is there; else what to wait for */
  prepare(address: Address): Promise<void> | undefined {
    const dialect = ownerOf(address);
    return loaded.has(dialect) ? undefined : load(dialect);
  }

  /** @throws when the dialect was not loaded: whoever asks prepares first */
  of(address: Address): SimDialect {
    const dialect = ownerOf(address);
    const known = this.#made.get(dialect);
    if (known !== undefined) return known;
    const make = loaded.get(dialect);
    if (make === undefined) throw new Error('the dialect is not loaded: await prepare() before the call');
    const made = make();
    this.#made.set(dialect, made);
    return made;
  }

  /** Forgets what earlier calls left behind. */
  reset(): void {
    for (const dialect of this.#made.values()) dialect.reset?.();
  }
}

function ownerOf(address: Address): Loadable {
  const owner = DIALECTS.find((dialect) => dialect.owns(address));
  if (owner === undefined) throw new Error('the simulated provider speaks no dialect');
  return owner;
}
