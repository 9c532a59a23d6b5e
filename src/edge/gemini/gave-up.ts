import { GatewayError } from '../../kernel/errors.ts';

/** The error for an answer that is none. @param how such as `without any choice` */
export function gaveUp(how: string): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider ended its answer ${how.slice(0, 200)}.`,
    summary: 'the provider ended its answer with an error',
    retry: 'other-target',
  });
}
