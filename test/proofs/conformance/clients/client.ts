import type { ChatDialect } from '../dialects.ts';
import { type Json, parsed } from '../json.ts';
import type { Reading } from '../reading.ts';

/** An official client, as far as this proof asks it. */
export interface Client {
  readonly name: string;
  readonly dialect: ChatDialect;
  /** What of an answer it gives its user; the rest it leaves out by itself. */
  readonly reads: readonly (keyof Reading)[];
  /** Whether it can ask for an answer of this kind. */
  asksFor(stream: boolean): boolean;
  /** Whether it knows what such an answer may hold; absent where it knows all. */
  knows?(answer: string, reading: Reading): boolean;
  ask(call: ClientCall): Promise<ClientOutcome>;
}

export interface ClientCall {
  /** Without a path. */
  readonly origin: string;
  readonly key: string;
  /** The request in the client's dialect, its model's name in it even where the dialect has that in the address. */
  readonly body: Json;
  readonly stream: boolean;
}

export type ClientOutcome = { readonly reading: Reading } | { readonly failure: ClientFailure };

/** What a program sees of an error. */
export interface ClientFailure {
  /** The error's class. */
  readonly name: string;
  readonly status: number | undefined;
  readonly message: string;
  /** The body as the client hands it on. */
  readonly body: unknown;
}

/** Every official client tries again by itself: here it must not. */
export const ASK_ONCE = { maxRetries: 0, timeout: 30_000 } as const;

/** What was thrown at a client's user, which is a finding and never lost. */
export function failureOf(error: unknown): ClientFailure {
  const facts = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const status = facts['status'] ?? facts['statusCode'];
  return {
    name: error instanceof Error ? error.constructor.name : typeof error,
    status: typeof status === 'number' ? status : undefined,
    message: error instanceof Error ? error.message : String(error),
    body: facts['error'] ?? facts['data'],
  };
}

/** The outcome of a question that may throw. */
export async function outcomeOf(ask: () => Promise<Reading>): Promise<ClientOutcome> {
  try {
    return { reading: await ask() };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** Where JSON was asked for, OpenAI's helpers read the text as that, and throw at two such texts in a row. */
export function isOneJson({ text }: Reading): boolean {
  return !text.startsWith('{') || parsed(text) !== undefined;
}
