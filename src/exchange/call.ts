import type { NanoUsd } from '../kernel/amounts.ts';
import type { Allowance } from '../protocol/allowance.ts';
import type { KeptResponse } from '../protocol/kept-response.ts';
import type { Dialect } from '../protocol/operation.ts';
import type { Priority } from '../protocol/priority.ts';
import type { NativeCall } from './dialect.ts';

/** Who calls, as the key says. */
export interface Caller {
  readonly organisation: string;
  readonly project: string;
  readonly keyId: string;
  readonly parentKeyId?: string;
  /** All parents of the key, the nearest first. Absent: it has none. */
  readonly ancestors?: readonly string[];
  /** The rules of the key and of its parents, each of which must hold. Absent: it may reach everything. */
  readonly allowances?: readonly Allowance[];
}

/** What the client's headers ask for, parsed and bounded at the edge. */
export interface RequestFacts {
  readonly endUser?: string;
  readonly task?: string;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** The client's own patience; narrows the route's. */
  readonly timeoutMs?: number;
  /** How long the client's SDK waits for an answer to begin; it lets a stream that has begun take its time. */
  readonly sdkTimeoutMs?: number;
  /** How long the client gives each target for its first token; a later one is given up for the next. Narrows the route's. */
  readonly firstTokenMs?: number;
  /** Absent: `normal`. */
  readonly priority?: Priority;
  /** Not to be made: what would happen to it is the answer. */
  readonly dryRun?: boolean;
  /** To be refused where some of it could not be told to its target. */
  readonly strict?: boolean;
  readonly routeAsked?: string;
  /** The most that this request may cost. */
  readonly maxCost?: NanoUsd;
  readonly attemptsMax?: number;
  readonly clientRequestId?: string;
  readonly trace?: TraceContext;
  /** What the client asked for and did not get, one sentence each, printable ASCII without ";". */
  readonly warnings?: readonly string[];
  /** Client headers that may travel on, flat, lower case. */
  readonly forwarded: readonly string[];
  /** Those that mean something only where this dialect is spoken: no other provider gets them. */
  readonly dialectHeaders?: DialectHeaders;
}

/** Headers that belong to one dialect, flat, lower case. */
export interface DialectHeaders {
  readonly dialect: Dialect;
  readonly headers: readonly string[];
}

/** W3C trace context, as received. */
export interface TraceContext {
  readonly traceId: string;
  readonly parentId: string;
  readonly flags: string;
  readonly state?: string;
}

/** A call that may be made: authenticated, well formed, within limits. */
export interface AdmittedCall {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly arrivedAt: number;
  /** The same instant on the monotonic clock. */
  readonly arrivedMs: number;
  readonly caller: Caller;
  readonly request: NativeCall;
  readonly facts: RequestFacts;
  readonly configVersion: string;
  readonly priceVersion: string;
  /** Hears an answer that could be gone on with, before its client has all of it, whether or not it is kept. */
  readonly remember?: (answer: KeptResponse) => void;
}

/** The client's end of an exchange. Once the client is gone, writing does nothing. */
export interface ClientSink {
  head(status: number, headers: readonly string[]): void;
  /** @returns false when the client reads slower than we write: stop until `clientReady` */
  write(bytes: Buffer): boolean;
  end(bytes?: Buffer): void;
  /** Cuts the connection, for when no answer can be given: an empty one would pass for an answer. */
  abort(): void;
}

/** The client's own limit for the whole call, milliseconds. */
export function clientsPatience({ facts, request }: AdmittedCall): number | undefined {
  return facts.timeoutMs ?? (request.stream ? undefined : facts.sdkTimeoutMs);
}
