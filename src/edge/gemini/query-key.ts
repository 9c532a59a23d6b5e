import { GatewayError } from '../../kernel/errors.ts';

/**
 * Google's API takes a key in the query too; here it is refused, because
 * addresses end in the logs of whatever stands between. Asked for a request
 * that has presented no key in a header.
 *
 * @throws `unauthenticated` that names the header and not the key
 */
export function refuseQueryKey(url: string | undefined): void {
  const mark = url?.indexOf('?') ?? -1;
  if (url === undefined || mark < 0 || !/^\/v1(?:beta)?\/models/.test(url)) return;
  if (!new URLSearchParams(url.slice(mark + 1)).has('key')) return;
  throw new GatewayError('unauthenticated', {
    message:
      'A key in the address is not taken here: send it in the header x-goog-api-key, and treat this one as seen.',
  });
}
