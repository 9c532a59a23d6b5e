/** Budgets and credits of a store that no server runs on. */
export interface StoreMoney {
  /** As the administrative API answers. */
  ask(question: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown }): Promise<unknown>;
  close(): Promise<void>;
}
