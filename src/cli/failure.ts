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

/** The exit code for what the gateway answers. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  switch (code) {
    case 'invalid_request':
    case 'unsupported_parameter':
    case 'context_length_exceeded':
    case 'payload_too_large':
      return EXIT.usage;
    case 'unauthenticated':
    case 'forbidden':
      return EXIT.auth;
    case 'not_found':
    case 'no_route':
      return EXIT.notFound;
    case 'rate_limited':
    case 'budget_exceeded':
    case 'price_unknown':
      return EXIT.budget;
    case 'guardrail_blocked':
    case 'content_policy':
    case 'upstream_error':
    case 'stream_truncated':
      return EXIT.upstream;
    case 'upstream_timeout':
      return EXIT.timeout;
    case 'idempotency_conflict':
    case 'idempotency_in_progress':
      return EXIT.conflict;
    case 'client_closed':
      return EXIT.interrupted;
    case 'budget_unavailable':
    case 'overloaded':
    case 'internal':
      return EXIT.unexpected;
  }
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
