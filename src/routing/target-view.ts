import type { TargetState } from './target-state.ts';
import type { TargetWeatherView } from './weather-words.ts';

/** A target's state as plain JSON. What is unknown or off is left out. */
export function viewOf(state: TargetState, nowMs: number): TargetWeatherView {
  const { name, breaker, slow, concurrency, headroom, retryBudget } = state;
  return present({
    key: name.key,
    provider: name.provider,
    model: name.model,
    credential: name.credential,
    closure: closureView(state, nowMs),
    inFlight: state.inFlight,
    ended: { ...state.ended },
    breaker: breaker?.view(nowMs),
    slow: slow?.view(nowMs),
    concurrencyLimit: concurrency?.limit,
    headroom: headroom?.view(nowMs),
    retries: retryBudget && { ...retryBudget.asked, left: Math.max(0, Math.floor(retryBudget.left(nowMs))) },
    firstTokenP50Ms: rounded(state.firstTokens.at(0.5)),
    firstTokenP95Ms: rounded(state.firstTokens.value),
  });
}

function closureView(state: TargetState, nowMs: number): TargetWeatherView['closure'] {
  const closure = state.closure(nowMs);
  if (closure === undefined) return undefined;
  const { kind, reason, asked, untilMs } = closure;
  const forMs = untilMs === undefined ? {} : { forMs: Math.ceil(untilMs - nowMs) };
  return { kind, reason, asked, ...forMs };
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}

/** Without the members that are `undefined`. */
function present<Members extends object>(members: Members): PresentOf<Members> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as PresentOf<Members>;
}

type PresentOf<Members> = {
  [Name in keyof Members as undefined extends Members[Name] ? Name : never]?: Exclude<Members[Name], undefined>;
} & { [Name in keyof Members as undefined extends Members[Name] ? never : Name]: Members[Name] };
