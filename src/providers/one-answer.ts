import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { HeaderLookup, Transport, UpstreamRequest, UpstreamStream } from '../protocol/upstream.ts';

const ANSWER_BYTES_MAX = 256 * 1024;

export interface WholeAnswer {
  readonly status: number;
  readonly header: HeaderLookup;
  readonly body: Buffer;
}

/**
 * One small request of ours, with its whole answer.
 *
 * @throws `upstream_timeout` after `withinMs`, `upstream_error` when there is no complete answer of at most 256 KiB
 */
export function oneAnswer(
  transport: Transport,
  request: UpstreamRequest,
  { clock, withinMs, from }: { readonly clock: Clock; readonly withinMs: number; readonly from: string },
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let header: HeaderLookup = () => undefined;
    let stream: UpstreamStream | undefined;
    let bytes = 0;
    const chunks: Buffer[] = [];
    const fail = (code: 'upstream_error' | 'upstream_timeout', what: string, cause?: unknown) => {
      timer.cancel();
      stream?.abort();
      reject(new GatewayError(code, { message: `${from} ${what}.`, retry: 'other-target', cause }));
    };
    const timer = clock.after(withinMs, () => fail('upstream_timeout', `did not answer within ${withinMs} ms`));
    stream = transport.dispatch(request, {
      onHead(answered, lookup) {
        status = answered;
        header = lookup;
      },
      onData(chunk) {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) fail('upstream_error', `answered with more than ${ANSWER_BYTES_MAX} bytes`);
        else chunks.push(chunk);
      },
      onEnd() {
        timer.cancel();
        resolve({ status, header, body: Buffer.concat(chunks) });
      },
      onFailure: ({ cause }) => fail('upstream_error', 'could not be reached', cause),
    });
  });
}
