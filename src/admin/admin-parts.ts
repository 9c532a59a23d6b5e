import type { Keyring, StoredKey } from '../access/keyring.ts';
import type { RouteConfig } from '../config/config.ts';
import type { ConfigHandle } from '../config/config-state.ts';
import type { BodyReceiver } from '../edge/http/body.ts';
import type { DryRunJson } from '../edge/http/dry-run-json.ts';
import type { ListedModel } from '../edge/http/listed-models.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Alert } from '../money/alerts.ts';
import type { Budgets } from '../money/budgets.ts';
import type { LedgerBooks } from '../money/ledger-books.ts';
import type { CallView } from '../protocol/call-view.ts';
import type { Dialect } from '../protocol/operation.ts';
import type { PriceSheet } from '../protocol/price-sheet.ts';
import type { TargetWeatherView } from '../routing/weather-words.ts';
import type { CorrectionOrder } from '../store/correction-queries.ts';
import type { Database } from '../store/database.ts';
import type { Journal } from '../store/journal/journal.ts';
import type { BookedTransfer, BookingQuestion } from '../store/ledger/booking-queries.ts';
import type { ProviderState } from './page/page-data.ts';

/** Budgets, what is booked on them, and what was told of them. */
export interface MoneyDesk {
  readonly budgets: Budgets;
  readonly books: LedgerBooks;
  /** What was booked by hand. */
  bookings(question: BookingQuestion): Promise<readonly BookedTransfer[]>;
  /** The newest first. */
  alerts(): readonly Alert[];
}

/** What came of an attempt's charge on budgets and credits. */
export type CorrectionBooking =
  | 'none'
  | 'booked'
  | 'settled'
  | 'account_short'
  | 'booking_conflict'
  | 'hold_waits_for_other_attempts';

/** What a statement did to an attempt. `again`: it had put it right before. */
export type CorrectedAttempt =
  | { readonly kind: 'corrected'; readonly ledger: CorrectionBooking }
  | { readonly kind: 'again'; readonly ledger: CorrectionBooking }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'running' };

/** Where what a provider's statement says is booked. */
export interface CorrectionDesk {
  correct(order: CorrectionOrder): Promise<CorrectedAttempt>;
}

/** Prices as the administration looks at them. */
export interface PriceDesk {
  /** Those in force now; `undefined` where there are none. */
  sheetOf(target: PricedTarget): PriceSheet | undefined;
  /** Those of that version as they were at an instant; `undefined` when they are not kept any more. */
  sheetNamed(version: string, target: PricedTarget, at: number): PriceSheet | undefined;
}

export interface PricedTarget {
  readonly provider: string;
  readonly model: string;
  readonly organisation?: string | undefined;
}

export interface ProviderFacts extends ProviderState {
  /** `file`, `environment`, `local-server` or `default`; absent when no configuration names it. */
  readonly origin?: string;
}

/** Keys as lists show them. */
export interface KeyShelf {
  /** The store's keys in the order they were made. */
  page(page: {
    readonly limit: number;
    readonly project?: string;
    readonly after?: { readonly createdAt: number; readonly id: string };
  }): Promise<readonly StoredKey[]>;
  /** Those that the configuration in force declares. */
  declared(): readonly StoredKey[];
  byId(id: string): Promise<StoredKey | undefined>;
}

/** A call that nobody sends, for the question what would become of it. */
export interface ImaginedCall {
  readonly model: string;
  readonly operation: 'chat' | 'embed';
  /** Of a chat. Absent: `openai`, which is Chat Completions. */
  readonly dialect?: 'openai' | 'anthropic-messages' | 'openai-responses' | 'gemini' | undefined;
  readonly stream: boolean;
  readonly route?: string | undefined;
  /** By its id. Absent: nobody in particular, who has no rule, and no budget but the organisation's. */
  readonly key?: string | undefined;
  readonly project?: string | undefined;
  readonly messages?: readonly unknown[] | undefined;
  /** In place of what the messages would come to. */
  readonly inputTokens?: number | undefined;
  readonly maxTokens?: number | undefined;
  /** As a client would send them, such as x-leeward-max-cost. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The rest of the gateway as the administrative API sees it. The functions are asked with each request. */
export interface AdminParts {
  readonly clock: Clock;
  readonly server: {
    readonly version: string;
    readonly mode: string;
    /** Milliseconds since the epoch. */
    readonly startedAt: number;
    baseUrl(): string;
    adminUrl(): string;
  };
  readonly store: {
    state(): { readonly state: string; readonly reason?: string };
    readonly restarts: number;
    readonly database: Database;
  };
  readonly journal: Pick<Journal, 'flush' | 'lag' | 'canAdmit'> & { readonly problem: string | undefined };
  readonly config: ConfigHandle;
  exchangesRunning(): number;
  providers(): readonly ProviderFacts[];
  /** What routing knows of each target that was called. */
  targets(): readonly TargetWeatherView[];
  /** What a provider speaks; nothing where none of that name is in force. */
  dialectsOf(provider: string): readonly Dialect[];
  /** What would happen to a call now, without making it. */
  imagine(call: ImaginedCall): Promise<DryRunJson>;
  routing(): { readonly routes: ReadonlyMap<string, RouteConfig>; readonly aliases: ReadonlyMap<string, string> };
  /** Every name that a client can send as `model`. */
  models(): readonly ListedModel[];
  readonly keyring: Keyring;
  readonly money: MoneyDesk;
  readonly prices: PriceDesk;
  readonly corrections: CorrectionDesk;
  readonly keys: KeyShelf;
  /** A call that is in memory. */
  recentCall(id: string): CallView | undefined;
  bodies(): BodyReceiver;
  /** Something that a request survives and that should be known. */
  warn(error: unknown, what: string): void;
}
