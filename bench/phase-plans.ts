/** How a latency is measured. */
export interface LatencyPlan {
  readonly callsPerSecond: number;
  readonly seconds: number;
  /**
   * A sender that is later than this at its 99th percentile measures itself.
   * Lateness only ever adds to a latency, which counts from the instant a call was due.
   */
  readonly sendLagUsMax: number;
}

/** How streams are measured. */
export interface FramesPlan {
  readonly streams: number;
  /** Between two frames of one stream. */
  readonly intervalMs: number;
  /** Over which the streams begin, one after the other. */
  readonly rampMs: number;
  /** From the last beginning to the measurement. */
  readonly settleMs: number;
  readonly measureMs: number;
}
