import { z } from 'zod';
import { formatCount, formatDuration } from '../observability/format.ts';
import { askForList, asking } from './ask-server.ts';
import type { Context } from './context.ts';
import { printJson, tableText } from './io.ts';
import { pathWith } from './records/asked-records.ts';
import { type ServerFlags, withServer } from './running-server.ts';

const gate = z.looseObject({ state: z.string() }).nullish();

/** The part of `GET /admin/targets` that is shown; the rest is let through for `--json`. */
const target = z.looseObject({
  id: z.string(),
  available: z.boolean(),
  closure: z.looseObject({ kind: z.string(), reason: z.string(), for_ms: z.number().nullish() }).nullish(),
  in_flight: z.number(),
  concurrency_limit: z.number().nullish(),
  first_token_p95_ms: z.number().nullish(),
  ended: z.looseObject({ ok: z.number(), failed: z.number(), throttled: z.number() }),
  breaker: gate,
  slow: gate,
});

type Target = z.output<typeof target>;

export interface TargetsFlags extends ServerFlags {
  readonly provider?: string;
  readonly closed?: boolean;
  readonly json?: boolean;
}

export async function listTargets(flags: TargetsFlags, { io, clock }: Context): Promise<void> {
  const path = pathWith('/admin/targets', { provider: flags.provider });
  const found = await withServer(flags, (server) => askForList(asking(server, clock), { entry: target, path }));
  const targets = flags.closed === true ? found.filter(({ available }) => !available) : found;
  if (flags.json === true) {
    printJson(io, targets);
    return;
  }
  const headings = ['TARGET', 'STATE', 'FOR', 'IN FLIGHT', 'FIRST TOKEN P95', 'OK', 'FAILED', 'THROTTLED', 'WHY'];
  io.out(tableText(headings, targets.map(targetRow), io.outTerminal));
  if (found.length === 0) io.err('no target has been called since the server started\n');
}

function targetRow(one: Target): string[] {
  const { closure, ended } = one;
  const count = (value: number) => (value === 0 ? '' : formatCount(value));
  return [
    one.id,
    stateText(one),
    closure?.for_ms == null ? '' : formatDuration(closure.for_ms),
    one.concurrency_limit == null ? `${one.in_flight}` : `${one.in_flight} of ${Math.floor(one.concurrency_limit)}`,
    one.first_token_p95_ms == null ? '' : formatDuration(one.first_token_p95_ms),
    count(ended.ok),
    count(ended.failed),
    count(ended.throttled),
    closure?.reason ?? '',
  ];
}

/** In words of routing: a closed target is one that calls may not go to. */
function stateText({ available, breaker, slow }: Target): string {
  if (!available) return 'closed';
  const states = [breaker?.state, slow?.state];
  if (states.includes('half-open')) return 'probing';
  return states.includes('returning') ? 'returning' : 'open';
}
