import type { Dialect } from '../../protocol/operation.ts';
import type { GateView, TargetWeatherView } from '../../routing/weather-words.ts';
import type { AdminParts } from '../admin-parts.ts';
import { pageByName } from '../cursor.ts';
import type { Answer, Question } from './answers.ts';

type TargetJson = Answer<'list_targets'>['data'][number];

/** Those that have been called since the server started. */
export function targetsAnswer(
  { targets, dialectsOf }: Pick<AdminParts, 'targets' | 'dialectsOf'>,
  { query }: Question<'list_targets'>,
): Answer<'list_targets'> {
  const { provider } = query;
  const views = targets().filter((view) => provider === undefined || view.provider === provider);
  return pageByName(
    'targets',
    views.map((view) => targetJson(view, dialectsOf(view.provider))),
    ({ id }) => id,
    query,
  );
}

export function targetJson(view: TargetWeatherView, dialects: readonly Dialect[]): TargetJson {
  return {
    id: view.key,
    provider: view.provider,
    model: view.model,
    credential: view.credential ?? null,
    dialects: [...dialects],
    available: view.closure === undefined,
    closure: closureJson(view),
    in_flight: view.inFlight,
    concurrency_limit: view.concurrencyLimit ?? null,
    first_token_p50_ms: view.firstTokenP50Ms ?? null,
    first_token_p95_ms: view.firstTokenP95Ms ?? null,
    ended: { ...view.ended },
    breaker: breakerJson(view),
    slow: slowJson(view),
    headroom: headroomJson(view),
    retries: view.retries === undefined ? null : { ...view.retries },
  };
}

function closureJson({ closure }: TargetWeatherView): TargetJson['closure'] {
  if (closure === undefined) return null;
  const { kind, reason, asked, forMs } = closure;
  return { kind, reason, asked, for_ms: forMs === undefined ? null : Math.max(0, Math.round(forMs)) };
}

function gateJson({ state, openings, opensForMs }: GateView) {
  return { state, openings, opens_for_ms: opensForMs === undefined ? null : Math.max(0, Math.round(opensForMs)) };
}

function breakerJson({ breaker }: TargetWeatherView): TargetJson['breaker'] {
  if (breaker === undefined) return null;
  const { failuresInRow, calls, failed } = breaker;
  return { ...gateJson(breaker), failures_in_row: failuresInRow, calls, failed };
}

function slowJson({ slow }: TargetWeatherView): TargetJson['slow'] {
  if (slow === undefined) return null;
  return { ...gateJson(slow), slow_percent: slow.slowPercent, bound_ms: slow.boundMs };
}

function headroomJson({ headroom }: TargetWeatherView): TargetJson['headroom'] {
  if (headroom === undefined) return null;
  return { requests_percent: headroom.requestsPercent ?? null, tokens_percent: headroom.tokensPercent ?? null };
}
