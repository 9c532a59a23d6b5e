import { GatewayError } from '../../kernel/errors.ts';

/** What a provider sent is not what this dialect's answers are. */
export function notUnderstood(what: string): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider's answer was not understood: ${what}.`,
    retry: 'other-target',
  });
}

/** As whoever reads parts demands it. */
export function refuseAnswer(field: string, problem: string): never {
  throw notUnderstood(`${field} ${problem}`);
}

/** An answer of nothing that its provider says went wrong: another try, or another target, often does better. */
export function endedInError(said: string | undefined): GatewayError {
  const name = said !== undefined && /^[A-Z_]{1,64}$/.test(said) ? said : 'no known reason';
  return new GatewayError('upstream_error', {
    message: `The provider ended an answer without content with ${name}.`,
    retry: 'other-target',
  });
}
