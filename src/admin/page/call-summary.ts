import type { AttemptOutcome } from '../../protocol/attempt-record.ts';
import type { AttemptView, CallView } from '../../protocol/call-view.ts';
import type { Tone } from './marks.ts';

/** Where a call went, in the order it was tried, equal neighbours counted together. */
export interface TriedTarget {
  readonly name: string;
  readonly times: number;
}

export interface CallPath {
  /** Those that failed before the one that answered; all of them when none did. */
  readonly failed: readonly TriedTarget[];
  /** The target that answered, or that is being tried now. */
  readonly answered?: string;
}

export function callPath(call: CallView): CallPath {
  const last = call.attempts.at(-1);
  const answered = last === undefined || last.outcome === 'failed' ? undefined : targetName(last);
  const failed: TriedTarget[] = [];
  for (const attempt of answered === undefined ? call.attempts : call.attempts.slice(0, -1)) {
    const name = targetName(attempt);
    const before = failed.at(-1);
    if (before?.name === name) failed[failed.length - 1] = { name, times: before.times + 1 };
    else failed.push({ name, times: 1 });
  }
  return answered === undefined ? { failed } : { failed, answered };
}

export function targetName(attempt: AttemptView): string {
  return `${attempt.provider}/${attempt.model}`;
}

/** How something ended: a mark, the HTTP status where there is one, and a word. */
export interface Standing {
  readonly tone: Tone;
  readonly status?: number;
  readonly word: string;
}

const RUNNING: Standing = { tone: 'busy', word: 'running' };

/** How the call stands for its client. */
export function callStanding(call: CallView): Standing {
  if (call.totalMs === undefined) return RUNNING;
  const last = call.attempts.at(-1);
  const standing = last === undefined ? ENDS.failed : attemptStanding(last);
  const word = standing.tone === 'bad' ? (call.errorCode ?? standing.word) : standing.word;
  return { tone: standing.tone, word, ...(call.clientStatus === undefined ? {} : { status: call.clientStatus }) };
}

const ENDS: Record<AttemptOutcome, Standing> = {
  ok: { tone: 'good', word: 'ok' },
  failed: { tone: 'bad', word: 'failed' },
  truncated: { tone: 'warn', word: 'cut short' },
  cancelled: { tone: 'still', word: 'cancelled' },
  interrupted: { tone: 'warn', word: 'interrupted' },
};

/** How one attempt stands; its status is the upstream's. */
export function attemptStanding(attempt: AttemptView): Standing {
  if (attempt.outcome === undefined) return RUNNING;
  const end = ENDS[attempt.outcome];
  const status = attempt.status === undefined ? {} : { status: attempt.status };
  if (attempt.outcome === 'failed') return { ...end, word: attempt.errorCode ?? end.word, ...status };
  const left = attempt.outcome === 'cancelled' && attempt.errorCode === 'client_closed';
  return { ...end, word: left ? 'client left' : end.word, ...status };
}

/** From the client's arrival to the first content byte of the attempt that answered. */
export function callFirstTokenMs(call: CallView): number | undefined {
  const last = call.attempts.at(-1);
  if (last?.firstTokenMs === undefined) return undefined;
  return Math.max(0, last.startedAt - call.startedAt) + last.firstTokenMs;
}
