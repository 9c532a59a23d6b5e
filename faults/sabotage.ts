import { SABOTAGES, type Sabotage } from '../test/support/sabotage/list.ts';
import type { Row } from './row.ts';
import { type RowResult, runRows } from './run.ts';

/** What became of a gateway with one deliberate fault. */
export interface SabotageResult {
  readonly sabotage: string;
  /** The row that turned red first. */
  readonly caughtBy: { readonly row: number; readonly fault: string; readonly problem: string } | null;
  /** Why it could not be tried. */
  readonly problem: string | null;
  readonly tookMs: number;
}

/**
 * The rows to try first, by number of the matrix or by what their names begin
 * with: those that are about what the sabotage breaks. All others follow until one turns red, so that a wrong
 * guess costs time and never a verdict.
 */
const FIRST: Readonly<Record<string, readonly (number | string)[]>> = {
  'fake-the-finish': [1],
  'leak-the-socket': [34],
  'read-no-usage': [3],
  'pass-half-an-event': [1],
  'no-limit-per-event': [14],
  'pings-are-progress': [7],
  'an-error-in-200-is-an-answer': [15],
  'no-413': [37],
  'parse-whatever-comes': [40],
  'buffer-without-backpressure': [35],
  'relay-html': [21],
  'obey-any-retry-after': [18],
  'quote-the-cause': [29],
  'a-bad-count-is-zero': [46],
  'trust-any-certificate': [29],
  'follow-a-name-anywhere': [28],
  'look-up-every-time': [28],
  'trust-a-dead-session': [32],
  'measure-by-the-wall-clock': [42],
  'give-up-at-once': [1],
  'decode-every-line-end': [41],
  'end-with-the-connection': [30],
  'stop-without-a-drain': [44],
  'refuse-from-the-signal-on': [44],
  'keep-connections-after-the-signal': [44],
  'skip-the-retry-budget': [47],
  'never-pass-over': [48],
  'refuse-the-last-target': [48],
  'ignore-retry-after': [18],
  'retry-for-ever': [47],
  'wait-before-the-next-target': [47],
  'ask-everybody': [47],
  'know-no-alternatives': [52],
  'hedge-beyond-the-share': [51],
  'overfill-the-last-target': [50],
  'forget-the-cool-down': [19],
  'forget-who-was-refused': [19],
  'use-the-last-request': [48],
  'blame-the-target-for-a-mistake': [48],
  'blame-the-target-for-its-client': [49],
  'leak-the-loser': [51],
  'bill-no-loser': [51],
  'miss-the-aim': [49],
  'degrade-in-silence': [52],
  'let-clients-add-theirs': [47],
  'keep-every-message': [53],
  'let-a-stream-fall-silent': [54],
  'shed-nobody': [55],
  'finish-any-message': [3],
  'read-no-message-usage': [0],
  'count-the-placeholder': [4],
  'count-the-placeholder-in-translation': [1],
  'message-pings-are-progress': [7],
  'an-error-in-200-is-a-message': [15],
  'say-502-to-anthropic-clients': [2],
  'relay-html-as-a-message-error': [21],
  'end-every-translated-stream': [1],
  'hold-no-response-end': ['Responses: the end'],
  'a-failed-response-is-a-success': ['Responses: response.failed'],
  'a-failed-response-ends-well-in-translation': ['Responses: response.failed'],
  'a-failed-response-is-an-answer': ['Responses: a response that failed'],
  'tell-a-response-stream-in-chat': ['Responses: no response.completed'],
  'hold-no-last-gemini-event': ['Gemini: the end', 'Gemini array: the end'],
  'finish-any-gemini-stream': ['Gemini: no finishReason'],
  'finish-any-gemini-stream-in-translation': ['Gemini: no finishReason'],
  'read-no-gemini-usage': ['Gemini: none'],
  'translate-no-gemini-usage': ['Responses → Gemini: none'],
  'a-gemini-error-in-200-is-an-answer': ['Gemini: an error with status 200'],
  'tell-google-clients-in-chat': ['Gemini: no finishReason'],
  'leave-out-what-is-no-element': ['Gemini: malformed'],
  'go-on-for-a-socket-that-is-gone': ['WebSocket: google'],
  'stay-busy-after-an-answer': ['WebSocket: claude'],
  'begin-two-calls-on-a-socket': ['WebSocket: a second'],
  'close-a-socket-without-a-word': ['WebSocket: a message that'],
  'take-messages-of-any-size': ['WebSocket: a message of'],
  'end-a-socket-with-the-stream': ['WebSocket: claude'],
};

/** The sabotages that these rows promise to notice. */
export const OURS: readonly Sabotage[] = SABOTAGES.filter(({ caughtBy }) => caughtBy.includes('faults'));

/** Runs the rows against one sabotaged gateway until the first turns red. */
export async function trySabotage(sabotage: Sabotage, rows: readonly Row[]): Promise<SabotageResult> {
  const { name } = sabotage;
  const startedMs = performance.now();
  const first = FIRST[name] ?? [];
  const isFirst = ({ row, fault }: Row) =>
    first.some((which) => (typeof which === 'number' ? which === row : fault.startsWith(which)));
  const ordered = [...rows.filter(isFirst), ...rows.filter((row) => !isFirst(row))];
  let red: RowResult | undefined;
  let problem: string | null = null;
  try {
    await runRows(ordered, {
      quick: true,
      sabotage: name,
      onResult(result) {
        if (result.verdict === 'fail') red ??= result;
      },
      enough: () => red !== undefined,
    });
  } catch (error) {
    // A gateway that does not even start proves nothing about the rows.
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    problem = `${error instanceof Error ? error.message : String(error)}${cause}`;
  }
  return {
    sabotage: name,
    caughtBy: red === undefined ? null : { row: red.row, fault: red.fault, problem: red.problems[0] ?? '' },
    problem,
    tookMs: Math.round(performance.now() - startedMs),
  };
}

export function isCaught(result: SabotageResult): boolean {
  return result.caughtBy !== null && result.problem === null;
}

/** As one line for people. */
export function sabotageLine(result: SabotageResult): string {
  const { sabotage, caughtBy, problem } = result;
  if (problem !== null) return `fail  ${sabotage}: ${problem}`;
  if (caughtBy === null) return `fail  ${sabotage}: every row stays green`;
  const [what = ''] = caughtBy.problem.split('\n');
  return `pass  ${sabotage}: row ${caughtBy.row} (${caughtBy.fault}) says: ${what.slice(0, 100)}`;
}
