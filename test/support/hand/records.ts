import type { ExchangeEvents } from '../../../src/exchange/events.ts';
import type { GatewayError } from '../../../src/kernel/errors.ts';
import type { AttemptEnd, AttemptStart } from '../../../src/protocol/attempt-record.ts';
import type { CallView } from '../../../src/protocol/call-view.ts';

/** A journal that a test can slow down and fill, and that holds what it is told against itself. */
export class HandRecords implements ExchangeEvents {
  readonly starts: AttemptStart[] = [];
  readonly ends: AttemptEnd[] = [];
  readonly refused: { readonly call: CallView; readonly error: GatewayError }[] = [];
  readonly unexpectedOnes: unknown[] = [];
  /** What {@link mayStart} says. */
  room = true;
  /** Thrown at the next start. */
  full: GatewayError | undefined;
  /** While true, starts are written only by {@link write}. */
  slow = false;
  readonly #waiting: { readonly record: AttemptStart; readonly tell: (refused?: GatewayError) => void }[] = [];

  mayStart(): boolean {
    return this.room;
  }

  attemptStarted(record: AttemptStart, onRecorded: (refused?: GatewayError) => void): void {
    if (this.full !== undefined) throw this.full;
    if (this.slow) {
      this.#waiting.push({ record, tell: onRecorded });
      return;
    }
    this.starts.push(record);
    onRecorded();
  }

  /** Writes the starts that wait, or refuses them. */
  write(refusal?: GatewayError): void {
    for (const { record, tell } of this.#waiting.splice(0)) {
      if (refusal === undefined) this.starts.push(record);
      tell(refusal);
    }
  }

  attemptEnded(record: AttemptEnd, _start: AttemptStart, onRecorded: () => void): void {
    this.ends.push(record);
    onRecorded();
  }

  readonly attemptProgressed = (): void => undefined;

  readonly usageDoubted = (): void => undefined;

  unexpected(error: unknown): void {
    this.unexpectedOnes.push(error);
  }

  callRefused(call: CallView, error: GatewayError): void {
    this.refused.push({ call, error });
  }

  /** What does not add up, in words; a test ends with none. */
  breaches(): string[] {
    const found = this.unexpectedOnes.map((error) => `unexpected: ${String(error)}`);
    const key = ({ callId, attempt }: AttemptStart | AttemptEnd) => `${callId}, attempt ${attempt}`;
    for (const start of this.starts) {
      const ends = this.ends.filter((end) => key(end) === key(start)).length;
      if (ends !== 1) found.push(`${ends} ends of ${key(start)}`);
    }
    for (const end of this.ends) {
      if (!this.starts.some((start) => key(start) === key(end))) found.push(`an end without a start: ${key(end)}`);
    }
    const calls = new Set([...this.starts.map(({ callId }) => callId), ...this.refused.map(({ call }) => call.id)]);
    for (const call of calls) {
      const last = this.ends.filter(({ callId, last: isLast }) => callId === call && isLast).length;
      const refused = this.refused.filter((one) => one.call.id === call).length;
      const tried = this.starts.some(({ callId }) => callId === call);
      if (last !== (tried ? 1 : 0)) found.push(`${call}: ${last} of its attempts tell of its end`);
      if (refused > 1 || last + refused === 0) found.push(`${call} has ${refused} refusals`);
    }
    return found;
  }
}
