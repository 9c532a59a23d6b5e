import { request } from 'node:http';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { SelfTest } from './start-block.ts';

const MODEL = 'sim/sim-small';
const ANSWER_MS_MAX = 5_000;

/** One call to ourselves, over the socket like any client's, on the simulated provider. */
export function selfTest(baseUrl: string, key: string, clock: Clock): Promise<SelfTest> {
  const body = JSON.stringify({
    model: MODEL,
    max_tokens: 4,
    messages: [{ role: 'user', content: 'Are you there?' }],
  });
  const startedMs = clock.monotonicMs();
  return new Promise((resolve, reject) => {
    const call = request(`${baseUrl}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      timeout: ANSWER_MS_MAX,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'x-leeward-tags': 'self-test',
      },
    });
    call.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => {
        const cost = answer.headers['x-leeward-cost'];
        resolve({
          status: answer.statusCode ?? 0,
          totalMs: clock.monotonicMs() - startedMs,
          costNanoUsd: typeof cost === 'string' ? nanoOf(cost) : undefined,
          model: MODEL,
        });
      });
    });
    call.on('timeout', () => call.destroy(new GatewayError('internal', { message: 'the self-test got no answer' })));
    call.on('error', reject);
    call.end(body);
  });
}

/** `0.0000312` as nano-USD; `undefined` for `unknown`. */
function nanoOf(usd: string): bigint | undefined {
  const found = /^(\d+)(?:\.(\d{1,9}))?$/.exec(usd);
  if (found === null) return undefined;
  return BigInt(`${found[1]}${(found[2] ?? '').padEnd(9, '0')}`);
}
