import type { Answerer, SeenRequest } from '../../../test/support/raw-upstream.ts';
import type { Row } from '../../row.ts';
import { good, refusal } from './answers.ts';
import type { Scene } from './scene.ts';
import { bothStreamed, weatherRow } from './weather-row.ts';

/** How a call with one target takes each: waited for, handed on because it is too long, or as if nothing had been said. */
type Taken = { readonly waitMs: number } | 'too long' | 'not understood';

const inAnHour = () => new Date(Date.now() + 3_600_000);
/** What is waited for in this place is at most 1 s. */
const RETRY_AFTERS: readonly (readonly [header: string, taken: Taken])[] = [
  ['retry-after: 0', { waitMs: 0 }],
  ['retry-after: -1', { waitMs: 0 }],
  ['retry-after: 0.2', { waitMs: 200 }],
  ['retry-after: 1', { waitMs: 1_000 }],
  ['Retry-After:   1  ', { waitMs: 1_000 }],
  ['retry-after-ms: 150', { waitMs: 150 }],
  ['retry-after-ms: 0', { waitMs: 0 }],
  ['retry-after-ms: 120\r\nretry-after: 30', { waitMs: 120 }],
  ['retry-after: Sat, 01 Jan 2022 00:00:00 GMT', { waitMs: 0 }],
  ['retry-after: Saturday, 01-Jan-22 00:00:00 GMT', { waitMs: 0 }],
  ['retry-after: 2', 'too long'],
  ['retry-after: 30', 'too long'],
  ['retry-after: 1000000000', 'too long'],
  ['retry-after-ms: 99999', 'too long'],
  [`retry-after: ${inAnHour().toUTCString()}`, 'too long'],
  ['retry-after: soon, perhaps', 'not understood'],
  ['retry-after: 1e9', 'not understood'],
  ['retry-after: NaN', 'not understood'],
  ['retry-after: 0x10', 'not understood'],
  ['retry-after: ', 'not understood'],
];

const forms = weatherRow(
  {
    row: 18,
    fault: 'one target: 429 with Retry-After in 20 forms, waited for up to 1 s',
    place: { providers: { a: { policies: { cool_down: { unasked: '0s', retry_after_max: '1s' } } } } },
    async run(scene) {
      for (const [index, [header, taken]] of RETRY_AFTERS.entries()) await takes(scene, index, header, taken);
    },
  },
  false,
);

async function takes(scene: Scene, index: number, header: string, taken: Taken): Promise<void> {
  scene.providers({ a: [refusal(429, {}, header), good] });
  const before = scene.asked('a').length;
  // Closed for as long as it asks: each form has a model of its own.
  const {
    tried,
    header: told,
    seen,
    answer,
  } = await scene.call({ model: scene.name('a', `form-${index}`), streamed: index % 2 === 0 });
  const what = `${header}:`;
  if (typeof taken === 'object') {
    scene.is(`${what} attempts`, tried, 'a failed, a ok');
    scene.holds(`${what} it was waited for ${answer.tookMs.toFixed(0)} ms`, answer.tookMs >= taken.waitMs);
    return;
  }
  scene.is(`${what} status`, seen.status, 429);
  scene.is(`${what} attempts`, tried, 'a failed');
  scene.is(`${what} requests`, scene.asked('a').length - before, 1);
  scene.is(`${what} retry-after is told`, told('retry-after') !== undefined, taken === 'too long');
}

const asked: Row[] = [
  ...bothStreamed({
    row: 18,
    fault: 'two targets: Retry-After 30 closes the first, and whoever comes next does not ask it',
    place: { providers: { a: {}, b: {} } },
    async run(scene) {
      scene.providers({ a: refusal(429, {}, 'retry-after: 30') });
      scene.is('attempts', (await scene.call()).tried, 'a failed, b ok');
      const { tried, why } = await scene.call();
      scene.is('attempts of the next', tried, 'b ok');
      scene.says('the reason', why, /passed over w\d+-a\/m\S* \(Retry-After (30|29) s\)/);
      scene.is('requests to the first', scene.asked('a').length, 1);
    },
  }),
  ...bothStreamed({
    row: 18,
    fault: 'two targets: both ask for more than a minute, and the client is told to wait for the sooner',
    place: { providers: { a: {}, b: {} } },
    async run(scene) {
      scene.providers({ a: refusal(429, {}, 'retry-after: 90'), b: refusal(429, {}, 'retry-after: 70') });
      scene.is('attempts', (await scene.call()).tried, 'a failed, b failed');
      const { seen, header } = await scene.call({ untried: true });
      scene.is('status', [seen.status, seen.code], [429, 'rate_limited']);
      const waitS = Number(header('retry-after'));
      scene.holds(`retry-after is ${waitS}`, waitS >= 69 && waitS <= 88);
      scene.is('requests', [scene.asked('a').length, scene.asked('b').length], [1, 1]);
    },
  }),
];

const TWO_CREDENTIALS = {
  api_key: undefined,
  credentials: [
    { name: 'one', api_key: 'sk-faults-one-0123456789abcdef' },
    { name: 'two', api_key: 'sk-faults-two-0123456789abcdef' },
  ],
};

/** Throttles whichever credential it sees first, for good. */
function throttlesTheFirst(bytes: Buffer): Answerer {
  let throttled: string | undefined;
  return (socket, request) => {
    throttled ??= credentialOf(request);
    if (credentialOf(request) === throttled) socket.write(bytes);
    else void good(socket, request);
  };
}

function credentialOf({ head }: SeenRequest): string {
  return /authorization: Bearer (\S+)/i.exec(head)?.[1] ?? '';
}

const exhausted: readonly (readonly [fault: string, bytes: Buffer])[] = [
  ['429 without Retry-After', refusal(429)],
  ['insufficient_quota', refusal(429, { code: 'insufficient_quota' }, 'retry-after: 1')],
  ['enforced_spend_limit_reached', refusal(429, { type: 'enforced_spend_limit_reached' })],
];

const unasked = exhausted.flatMap(([fault, bytes]) =>
  bothStreamed({
    row: 19,
    fault: `two credentials: ${fault} takes the first out, and the next calls go to the other at once`,
    place: { providers: { a: TWO_CREDENTIALS } },
    async run(scene) {
      scene.providers({ a: throttlesTheFirst(bytes) });
      scene.is('attempts', (await scene.call()).tried, 'a failed, a ok');
      for (let call = 0; call < 6; call++) scene.is('attempts of the next', (await scene.call()).tried, 'a ok');
      const [first, ...others] = scene.asked('a').map(credentialOf);
      scene.is('requests with the first', others.filter((credential) => credential === first).length, 0);
    },
  }),
);

/** Providers that say that it is too much. */
export const throttleFaults: readonly Row[] = [forms, ...asked, ...unasked];
