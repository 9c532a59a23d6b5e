import type { CallView } from '../../protocol/call-view.ts';
import type { TargetWeatherView } from '../../routing/weather-words.ts';
import type { Answer } from '../answers/answers.ts';

/** What was last seen of a provider. `unchecked` is neither good nor bad: nobody has asked yet. */
export type ProviderHealth = 'ok' | 'refused' | 'unreachable' | 'unchecked' | 'degraded';

export interface ProviderState {
  readonly name: string;
  readonly preset: string;
  readonly baseUrl?: string;
  /** Where it comes from: `OPENAI_API_KEY`, `leeward.yaml:12`, `found at :11434`. */
  readonly source: string;
  readonly state: ProviderHealth;
  /** Why it is in that state, and what to do. */
  readonly detail?: string;
  /** How many models it lists. */
  readonly models?: number;
  /** Instants, milliseconds since the epoch. */
  readonly lastOkAt?: number;
  readonly lastErrorAt?: number;
  readonly lastError?: string;
}

/** The calls in memory; `RecentCalls` fits. */
export interface CallFeed {
  /** The newest first. */
  list(limit: number): readonly CallView[];
  get(callId: string): CallView | undefined;
  /** Calls `listener` at each change of a call, until the returned function is called. */
  subscribe(listener: (call: CallView) => void): () => void;
}

export interface ServerFacts {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** `dev`, `serve`, … */
  readonly mode: string;
  /** One short phrase, as in `embedded, ok`. */
  readonly store: () => string;
  readonly configVersion: () => string;
  /** Why the file in place is not in force, the first line in short; absent or `undefined` when it is. */
  readonly configProblem?: () => string | undefined;
  /** Where clients reach the API, without a trailing slash: `http://127.0.0.1:8787`. */
  readonly baseUrl: string;
}

/** Something that whoever owns the bill should see. */
export interface PageAlert {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly message: string;
}

export type PageUsageReport = Answer<'usage'>;

/** What was used, or why the question about it was none. */
export type PageUsage = { readonly report: PageUsageReport } | { readonly refused: string };

/** Everything the page shows. The functions are asked at each rendering and must be cheap. */
export interface PageData {
  readonly providers: () => readonly ProviderState[];
  /** What routing knows of the targets that were called. */
  readonly targets?: () => readonly TargetWeatherView[];
  readonly calls: CallFeed;
  readonly server: ServerFacts;
  /** What calls used and cost: asks the store. Absent where nothing is kept. */
  readonly usage?: (query: URLSearchParams) => Promise<PageUsage>;
  /** The newest first. Absent where nobody counts money. */
  readonly alerts?: () => readonly PageAlert[];
  /** The command that makes a first call, shown while there is none. */
  readonly exampleCurl: string;
  /** Shell words that give an API key, for the commands shown with a call; `$LEEWARD_API_KEY` when absent. */
  readonly keyShell?: string;
}

/** What the commands shown with a call need to know. */
export interface CommandFacts {
  readonly server: Pick<ServerFacts, 'baseUrl'>;
  readonly keyShell?: string;
}
