import type { RoutePolicies } from '../protocol/policy.ts';
import type { Alternatives, PlannedStep, PlannedTarget } from './target.ts';

/** Whether a route goes nowhere but to its targets. */
export function saysNothing({ on, degrade }: RoutePolicies): boolean {
  return (
    degrade.length === 0 && on.contextLength === undefined && on.contentPolicy === undefined && on.budget === undefined
  );
}

/**
 * What a route's policies name, as targets that a call can use.
 *
 * @param planned the targets behind a name, one for each credential; none when this call may not or cannot use it
 */
export function plannedAlternatives(
  { on, degrade }: RoutePolicies,
  planned: (target: string, reason: string) => readonly PlannedTarget[],
): Alternatives {
  const all = (targets: readonly string[] | undefined, reason: string) =>
    (targets ?? []).flatMap((target) => planned(target, reason));
  return {
    contextLength: all(on.contextLength, 'on context_length'),
    contentPolicy: all(on.contentPolicy, 'on content_policy'),
    budget: all(on.budget, 'on budget'),
    degrade: degrade.flatMap((step, index): PlannedStep[] => {
      if (step.kind === 'text') return [step];
      const { target, ...shape } = step;
      return planned(target, `degrade ${index + 1} of ${degrade.length}`).map((one) => ({ ...shape, target: one }));
    }),
  };
}
