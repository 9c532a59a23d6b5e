/** A conversation of the Responses dialect that is kept here, whoever answers in it. */
export interface KeptConversation {
  /** `conv_…` */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The client's own words. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** One item of it, in the order in which they came. */
export interface KeptItem {
  /** Its own, or one that was made for it. */
  readonly id: string;
  /** As it came. */
  readonly item: unknown;
  /** Provider and credential that gave it; absent: the client did. */
  readonly deployment?: string;
}
