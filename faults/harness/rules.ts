import { UPSTREAM_SECRET } from './provider.ts';
import type { CallRecord } from './record.ts';
import type { Seen } from './seen.ts';

/** What an answer must never hold, whatever went wrong: pages of a proxy, stacks, paths, our credential. */
const NEVER_SHOWN: readonly (readonly [RegExp, string])[] = [
  [/<html|<!doctype|<center>/i, 'HTML'],
  [/node:internal|\n\s+at .+:\d+:\d+|\/src\/\w+\/|undici/, 'a stack or a path of the program'],
  [new RegExp(UPSTREAM_SECRET), "the upstream's credential"],
];

/**
 * What holds for every call: exactly one ending, nothing made up, nothing
 * leaked, one end per attempt, and no cost without usage.
 */
export function breachesOfRules(seen: Seen, record: CallRecord | undefined): string[] {
  return [
    ...leaks(seen.text),
    ...(seen.streamed ? streamBreaches(seen) : bodyBreaches(seen)),
    ...recordBreaches(record),
  ];
}

export function leaks(text: string): string[] {
  return NEVER_SHOWN.filter(([pattern]) => pattern.test(text)).map(([, what]) => `the client was shown ${what}`);
}

function streamBreaches(seen: Seen): string[] {
  const problems: string[] = [];
  if (seen.terminal === 'none') problems.push('the stream ended without done or error');
  if (seen.end !== 'complete') problems.push(`the stream ended by ${seen.end}`);
  if (seen.lastEvents > 1) problems.push(`the stream said ${seen.lastEvents} times that it was over`);
  return problems;
}

function bodyBreaches(seen: Seen): string[] {
  if (seen.end !== 'complete') return [`the answer ended by ${seen.end}`];
  if (seen.status === 200) return seen.terminal === 'answer' ? [] : [`a 200 that is ${seen.terminal}`];
  return seen.terminal === 'error' ? [] : [`status ${seen.status} without an error the client can read`];
}

function recordBreaches(record: CallRecord | undefined): string[] {
  if (record === undefined) return ['the call is not recorded'];
  const problems: string[] = [];
  if (record.state !== 'ended') problems.push('the call is recorded as still running');
  for (const { attempt, outcome, total_ms, usage, usage_source: source, cost } of record.attempts) {
    if (outcome === null || total_ms === null) problems.push(`attempt ${attempt} has no end`);
    // Whoever refused, or never got the request, bills nothing, and that is known.
    if (usage === null && cost !== null && cost.amount !== '0') {
      problems.push(`attempt ${attempt} has a cost (${cost.amount}) without usage`);
    }
    if (usage !== null && source !== 'provider' && source !== 'estimated') {
      problems.push(`attempt ${attempt} does not say who counted its usage`);
    }
  }
  if (record.attempts.length === 0) problems.push('the record has no attempt');
  return problems;
}
