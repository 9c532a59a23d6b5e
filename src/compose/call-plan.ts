import { type AdmittedCall, clientsPatience } from '../exchange/call.ts';
import { deploymentOf } from '../exchange/lanes.ts';
import type { Router } from '../routing/router.ts';
import type { Plan } from '../routing/target.ts';

/** Where a call goes by what its client asks for and its key allows. @throws `no_route`, `forbidden` */
export function planOf(call: AdmittedCall, router: Router): Plan {
  const { request, facts, caller } = call;
  const timeoutMs = clientsPatience(call);
  const plan = router.plan({
    model: request.modelAsked,
    dialect: request.dialect.id,
    ...(facts.routeAsked === undefined ? {} : { route: facts.routeAsked }),
    ...(facts.attemptsMax === undefined ? {} : { attemptsMax: facts.attemptsMax }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(caller.allowances === undefined ? {} : { allowances: caller.allowances }),
  });
  return request.sealedBy === undefined ? plan : preferring(plan, request.sealedBy);
}

/** Who sealed what a call carries, or keeps what it refers to, is asked first where he is among its targets. */
function preferring(plan: Plan, deployment: string): Plan {
  const at = plan.targets.findIndex((target) => deploymentOf(target) === deployment);
  const own = plan.targets[at];
  if (own === undefined || at === 0) return plan;
  const first = { ...own, reason: `${own.reason}, first because it keeps or sealed what the call carries` };
  return { ...plan, targets: [first, ...plan.targets.toSpliced(at, 1)] };
}
