/**
 * Everything long-lived has one life. `run` starts it and returns once it
 * works; `drain` stops taking new work and finishes what is under way within
 * `withinMs`; `stop` releases every handle and may be called at any time, twice
 * included.
 */
export interface Service {
  readonly name: string;
  run(): Promise<void>;
  drain?(withinMs: number): Promise<void>;
  stop(): Promise<void>;
}
