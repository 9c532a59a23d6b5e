import { usageDetail } from '../usage-detail.ts';
import type { AttemptRow, KnownEnd } from './attempt-fold.ts';
import { CopyBuffer } from './copy-buffer.ts';
import type { JournalStart, StartFacts } from './start-facts.ts';

/** How many columns `COPY_ATTEMPTS` names, in the order in which they are written here. */
const COLUMNS = 48;

/** Rows of `attempts` as `COPY` reads them. */
export class AttemptCopy {
  readonly #journal: string;
  readonly #buffer = new CopyBuffer();
  /** The facts' columns as bytes: what many rows share is encoded once. */
  readonly #facts = new WeakMap<StartFacts, Uint8Array>();

  constructor(journal: string) {
    this.#journal = journal;
  }

  /** @returns the rows' bytes, valid until the next call */
  encode(rows: readonly AttemptRow[]): Uint8Array {
    this.#buffer.begin();
    for (const { start, end, progress } of rows) {
      this.#buffer.row(COLUMNS);
      this.#start(start);
      this.#end(end ?? progress);
    }
    return this.#buffer.finish();
  }

  #start(start: JournalStart): void {
    const to = this.#buffer;
    to.instant(start.callStartedAt);
    to.text(start.callId);
    to.int4(start.attempt);
    to.instant(start.startedAt);
    to.text(start.traceId);
    to.text(start.clientRequestId);
    let facts = this.#facts.get(start.facts);
    if (facts === undefined) {
      facts = to.encoded(() => this.#startFacts(start.facts));
      this.#facts.set(start.facts, facts);
    }
    to.raw(facts);
  }

  #startFacts(facts: StartFacts): void {
    const to = this.#buffer;
    to.text(facts.organisation);
    to.text(facts.project);
    to.text(facts.keyId);
    to.text(facts.parentKeyId);
    to.text(facts.endUser);
    to.text(facts.task);
    to.texts(facts.tags);
    to.jsonb(facts.metadata);
    to.text(facts.operation);
    to.text(facts.dialect);
    to.flag(facts.stream);
    to.text(facts.modelAsked);
    to.text(facts.route);
    to.text(facts.routeReason);
    to.text(facts.provider);
    to.text(facts.model);
    to.text(facts.credential);
    to.text(facts.configVersion);
    to.text(facts.priceVersion);
    to.text(this.#journal);
  }

  #end(end: Partial<KnownEnd> | undefined): void {
    const to = this.#buffer;
    to.instant(end?.endedAt);
    to.text(end?.outcome);
    to.flag(end?.last);
    to.int4(end?.status);
    to.int4(end?.clientStatus);
    to.text(end?.errorCode);
    to.text(end?.errorMessage);
    to.text(end?.finishReason);
    to.int8(end?.usage?.inputTokens);
    to.int8(end?.usage?.cachedInputTokens);
    to.int8(end?.usage?.outputTokens);
    to.int8(end?.usage?.reasoningTokens);
    to.text(end?.usageSource);
    to.int8Digits(end?.costNanoUsd);
    to.float8(end?.firstTokenMs);
    to.float8(end?.totalMs);
    to.text(end?.upstreamRequestId);
    to.int8(end?.usage?.cacheWriteTokens);
    to.json(usageDetail(end?.usage));
    to.int8Digits(end?.chargeNanoUsd);
    to.int8Digits(end?.holdNanoUsd);
    to.flag(end?.overrun);
  }
}
