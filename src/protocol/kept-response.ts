/** Whose answers they are: another project's are as if they were not there. */
export interface ResponseOwner {
  readonly organisation: string;
  readonly project: string;
}

/** An answer of the Responses dialect that may be referred to later. */
export interface KeptResponse {
  /** As the client knows it: the provider's own where its bytes passed, ours where it was translated. */
  readonly id: string;
  readonly keyId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The answer that this one followed. */
  readonly previousId?: string;
  /** Provider and credential that gave it. */
  readonly deployment: string;
  /** Whether that provider keeps it as well, under the same id. */
  readonly upstreamKeeps: boolean;
  /** The items that were sent for this answer, without those of earlier turns. */
  readonly input: readonly unknown[];
  /** The answer as the client got it. */
  readonly response: Readonly<Record<string, unknown>>;
}

/** One turn of a conversation, as the items that a request would hold. */
export interface KeptTurn {
  readonly items: readonly unknown[];
  /** Who gave its answer; absent: nobody, as where a client wrote it. */
  readonly deployment?: string;
  readonly upstreamKeeps: boolean;
}

/** All turns up to an answer, the first one first. */
export type KeptHistory = readonly KeptTurn[];

/** Input and answer of one turn together, as JSON. A longer one is not kept. */
export const KEPT_BYTES_MAX = 16 * 1024 * 1024;
/** All turns of a conversation together, as JSON. A longer one cannot be gone on with. */
export const HISTORY_BYTES_MAX = 32 * 1024 * 1024;
/** So many turns. */
export const HISTORY_TURNS_MAX = 1_000;
