/** What the store needs of a logger; pino's own shape, so that compose hands its logger over as it is. */
export interface StoreLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
