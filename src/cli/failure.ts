import { inspect } from 'node:util';
import { ConfigError } from '../config/config-error.ts';
import { type ErrorCode, errorCode, errorMessage, GatewayError } from '../kernel/errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

const LOOK_CLOSER = 'run it again with LEEWARD_DEBUG=1 to see where it happened';

export interface FailureFacts {
  readonly exitCode: ExitCode;
  /** The next step, as an instruction. */
  readonly next: string;
  /** Printed before the line, as it stands. */
  readonly details?: string;
  readonly cause?: unknown;
}

/** Why a command ended without success: one line for a person, one number for a script. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode;
  readonly next: string;
  readonly details: string | undefined;

  constructor(what: string, facts: FailureFacts) {
    super(what, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'CliFailure';
    this.exitCode = facts.exitCode;
    this.next = facts.next;
    this.details = facts.details;
  }
}

/** Whatever a command threw, as a failure that can be shown. */
export function failureOf(thrown: unknown): CliFailure {
  if (thrown instanceof CliFailure) return thrown;
  if (thrown instanceof ConfigError) {
    const unreadable = thrown.problems.length === 0;
    return new CliFailure(unreadable ? thrown.message : `${thrown.path} is not valid`, {
      exitCode: EXIT.config,
      next: unreadable ? 'check the path' : 'correct the lines above, then try "leeward config validate"',
      cause: thrown,
      ...(unreadable ? {} : { details: thrown.report }),
    });
  }
  if (thrown instanceof GatewayError) {
    const { what, next } = whatAndNext(thrown.message);
    const exitCode = isInUse(thrown.cause) ? EXIT.conflict : exitCodeOf(thrown.code);
    return new CliFailure(what, { exitCode, next: next ?? LOOK_CLOSER, cause: thrown });
  }
  return (
    systemFailure(thrown) ??
    new CliFailure(errorMessage(thrown), { exitCode: EXIT.unexpected, next: LOOK_CLOSER, cause: thrown })
  );
}

/** The gateway's messages end with their own next step, after a semicolon or as a sentence. */
export function whatAndNext(message: string): { what: string; next: string | undefined } {
  const parts = /^(.+?)(?:; |\. (?=[A-Z]))(.+?)\.?$/s.exec(message);
  if (parts?.[1] === undefined || parts[2] === undefined) return { what: message, next: undefined };
  return { what: parts[1], next: parts[2].charAt(0).toLowerCase() + parts[2].slice(1) };
}

/** The exit code for each of the gateway's codes. */
const EXIT_CODES: Record<ErrorCode, ExitCode> = {
  invalid_request: EXIT.usage,
  unsupported_parameter: EXIT.usage,
  context_length_exceeded: EXIT.usage,
  payload_too_large: EXIT.usage,
  unauthenticated: EXIT.auth,
  forbidden: EXIT.auth,
  not_found: EXIT.notFound,
  no_route: EXIT.notFound,
  rate_limited: EXIT.budget,
  budget_exceeded: EXIT.budget,
  price_unknown: EXIT.budget,
  guardrail_blocked: EXIT.upstream,
  content_policy: EXIT.upstream,
  upstream_error: EXIT.upstream,
  stream_truncated: EXIT.upstream,
  upstream_timeout: EXIT.timeout,
  idempotency_conflict: EXIT.conflict,
  idempotency_in_progress: EXIT.conflict,
  client_closed: EXIT.interrupted,
  budget_unavailable: EXIT.unexpected,
  overloaded: EXIT.unexpected,
  internal: EXIT.unexpected,
};

export function exitCodeOf(code: ErrorCode): ExitCode {
  return EXIT_CODES[code];
}

/** The exit code for an answer: by its code where that is one of ours, else by its status. */
export function exitCodeOfAnswer(code: string | undefined, status: number): ExitCode {
  if (code !== undefined && isErrorCode(code)) return EXIT_CODES[code];
  if (status === 401 || status === 403) return EXIT.auth;
  if (status === 402 || status === 429) return EXIT.budget;
  if (status === 404) return EXIT.notFound;
  if (status === 408 || status === 504) return EXIT.timeout;
  if (status === 409) return EXIT.conflict;
  return status >= 400 && status < 500 ? EXIT.usage : EXIT.upstream;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(EXIT_CODES, code);
}

const SQLITE_BUSY = 5;

/** The port, or the lock of the data directory, belongs to another process. */
function isInUse(cause: unknown): boolean {
  const isLocked = typeof cause === 'object' && cause !== null && 'errcode' in cause && cause.errcode === SQLITE_BUSY;
  return isLocked || errorCode(cause) === 'EADDRINUSE';
}

function systemFailure(thrown: unknown): CliFailure | undefined {
  const facts = { cause: thrown };
  switch (errorCode(thrown)) {
    case 'EADDRINUSE':
      return new CliFailure(`${addressOf(thrown)} is in use`, {
        exitCode: EXIT.conflict,
        next: 'stop what listens there, or choose another with --port',
        ...facts,
      });
    case 'EADDRNOTAVAIL':
      return new CliFailure(`${addressOf(thrown)} is not an address of this machine`, {
        exitCode: EXIT.usage,
        next: 'choose another with --host',
        ...facts,
      });
    case 'EACCES':
    case 'EPERM':
      return new CliFailure(errorMessage(thrown), {
        exitCode: EXIT.auth,
        next: 'check who owns the file or the port',
        ...facts,
      });
    case 'ENOSPC':
      return new CliFailure('the disk is full', {
        exitCode: EXIT.unexpected,
        next: 'free some space, then start again',
        ...facts,
      });
    default:
      return undefined;
  }
}

function addressOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('port' in thrown)) return 'the address';
  return 'address' in thrown ? `${String(thrown.address)}:${String(thrown.port)}` : `port ${String(thrown.port)}`;
}

/** The failure as it is printed: details, one line, and the stack only for those who asked. */
export function failureText(failure: CliFailure, env: Readonly<Record<string, string | undefined>>): string {
  const details = failure.details === undefined ? '' : `${failure.details.trimEnd()}\n\n`;
  const line = `leeward: ${oneLine(failure.message)} — ${failure.next}\n`;
  const stack = env['LEEWARD_DEBUG'] === '1' ? `${inspect(failure.cause ?? failure)}\n` : '';
  return details + line + stack;
}

function oneLine(text: string): string {
  return text.trim().replace(/\.$/, '').replace(/\s+/g, ' ');
}
