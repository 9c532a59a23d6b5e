import { type AdmittedCall, clientsPatience } from '../exchange/call.ts';
import type { Router } from '../routing/router.ts';
import type { Plan } from '../routing/target.ts';

/** Where a call goes by what its client asks for and its key allows. @throws `no_route`, `forbidden` */
export function planOf(call: AdmittedCall, router: Router): Plan {
  const { request, facts, caller } = call;
  const timeoutMs = clientsPatience(call);
  return router.plan({
    model: request.modelAsked,
    dialect: request.dialect.id,
    ...(facts.routeAsked === undefined ? {} : { route: facts.routeAsked }),
    ...(facts.attemptsMax === undefined ? {} : { attemptsMax: facts.attemptsMax }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(caller.allowances === undefined ? {} : { allowances: caller.allowances }),
  });
}
