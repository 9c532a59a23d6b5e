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
