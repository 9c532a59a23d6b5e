/** Where the journal stands for a thread of the store's to replay it. */
export interface JournalSettings {
  /** The cursor's name in `journal_cursor`. */
  readonly name: string;
  readonly directory: string;
  /** The first segment of this process; older ones are of processes that died or stopped. */
  readonly firstLiveSegment: number;
  /** See `SharedPosition`. */
  readonly shared: SharedArrayBuffer;
  /** True after the thread was started anew: the cursor is this process's own. */
  readonly resumed: boolean;
}
