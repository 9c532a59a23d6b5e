import type { Row } from '../../row.ts';
import { refusal, silent } from './answers.ts';
import { bothStreamed, weatherRow } from './weather-row.ts';

const REASONS = 52;
const DEGRADED = 53;

const TOO_LONG = refusal(400, { type: 'invalid_request_error', code: 'context_length_exceeded' });
const TOO_LONG_IN_WORDS = refusal(400, {
  type: 'BadRequestError',
  message: "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens.",
});
const REFUSED = refusal(400, { type: 'invalid_request_error', code: 'content_policy_violation' });

const reasons: Row[] = [
  ...[TOO_LONG, TOO_LONG_IN_WORDS].flatMap((answer, index) =>
    bothStreamed({
      row: REASONS,
      fault: `too long for the model${index === 0 ? '' : ', said in words alone'}: the larger model of the route`,
      place: {
        providers: { a: {}, b: {}, big: {} },
        aside: ['big'],
        route: { on: { context_length: ['{big}/m'] } },
      },
      async run(scene) {
        scene.providers({ a: answer });
        const { seen, tried, why, header } = await scene.call();
        scene.is('status', seen.status, 200);
        scene.is('attempts', tried, 'a failed, big ok');
        scene.says('the reason', why, /on context_length, after w\d+-a gave context_length_exceeded/);
        scene.is('degraded', header('x-leeward-degraded'), undefined);
        scene.is('requests to the next target', scene.asked('b').length, 0);
      },
    }),
  ),
  ...bothStreamed({
    row: REASONS,
    fault: 'refused by the content policy: the alternative of the route',
    place: { providers: { a: {}, b: {}, mild: {} }, aside: ['mild'], route: { on: { content_policy: '{mild}/m' } } },
    async run(scene) {
      scene.providers({ a: REFUSED });
      const { seen, tried, why } = await scene.call();
      scene.is('status', seen.status, 200);
      scene.is('attempts', tried, 'a failed, mild ok');
      scene.says('the reason', why, /on content_policy, after w\d+-a gave content_policy/);
    },
  }),
  ...bothStreamed({
    row: REASONS,
    fault: "refused by the content policy, and no alternative: the provider's own words, and nobody else is asked",
    place: { providers: { a: {}, b: {} }, route: { degrade: [{ text: 'Later, please.' }] } },
    async run(scene) {
      scene.providers({ a: REFUSED });
      const { seen, tried, header } = await scene.call();
      scene.is('status', seen.status, 400);
      scene.is('body', seen.text, REFUSED.toString().split('\r\n\r\n')[1]);
      scene.is('attempts', tried, 'a failed');
      scene.is('degraded', header('x-leeward-degraded'), undefined);
    },
  }),
  ...bothStreamed({
    row: REASONS,
    fault: 'more than the caller may spend: the cheaper target of the route, marked as such',
    place: {
      providers: { dear: PRICED('900'), cheap: PRICED('0.01') },
      aside: ['cheap'],
      route: { on: { budget: '{cheap}/m' } },
    },
    async run(scene) {
      const { seen, tried, header } = await scene.call({
        headers: ['x-leeward-max-cost: 0.001'],
        fields: { max_tokens: 50 },
      });
      scene.is('status', seen.status, 200);
      scene.is('attempts', tried, 'cheap ok');
      scene.is('degraded', header('x-leeward-degraded'), 'a cheaper target, because of budget_exceeded');
    },
  }),
];

function PRICED(usd: string): Record<string, unknown> {
  return { prices: { m: { input_usd_per_million: usd, output_usd_per_million: usd } } };
}

const MESSAGES = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'one' },
  { role: 'assistant', content: 'two' },
  { role: 'user', content: 'three' },
];

const less: Row[] = [
  ...bothStreamed({
    row: DEGRADED,
    fault: 'every target is spent: a smaller model with fewer messages and fewer tokens, marked as such',
    place: {
      providers: { a: {}, small: {} },
      aside: ['small'],
      route: { degrade: [{ target: '{small}/m', keep_messages: 2, output_tokens_max: 50 }] },
    },
    async run(scene) {
      scene.providers({ a: refusal(503) });
      const { seen, tried, header } = await scene.call({ fields: { messages: MESSAGES, max_tokens: 400 } });
      scene.is('status', seen.status, 200);
      scene.is('attempts', tried, 'a failed, a failed, small ok');
      scene.says(
        'degraded',
        header('x-leeward-degraded'),
        /^w\d+-small\/m\S*, the last 2 messages, at most 50 tokens, because of upstream_error$/,
      );
      const [request] = scene.asked('small');
      const { messages, max_tokens: tokens } = JSON.parse(request?.body ?? '{}') as Record<string, unknown>;
      scene.is('messages', messages, [MESSAGES[0], MESSAGES[2], MESSAGES[3]]);
      scene.is('max_tokens', tokens, 50);
    },
  }),
  ...bothStreamed({
    row: DEGRADED,
    fault: 'every target is spent, the smaller model too: a text of the route, marked as such',
    place: {
      providers: { a: {}, small: {} },
      aside: ['small'],
      route: { degrade: [{ target: '{small}/m' }, { text: 'We are busy. Please try again in a minute.' }] },
    },
    async run(scene) {
      scene.providers({ a: refusal(503), small: refusal(500) });
      const { seen, tried, header } = await scene.call();
      scene.is('status', [seen.status, seen.finishReason], [200, 'stop']);
      scene.is('terminal', seen.terminal, scene.streamed ? 'done' : 'answer');
      scene.says('the answer', seen.text, /We are busy\. Please try again in a minute\./);
      scene.says('attempts', tried, /^a failed(, a failed)?, small failed$/);
      scene.is('degraded', header('x-leeward-degraded'), 'a fixed text, because of upstream_error');
    },
  }),
  ...bothStreamed({
    row: DEGRADED,
    fault: 'every target asks to be left alone: a text of the route, without an attempt',
    place: { providers: { a: {} }, route: { degrade: [{ text: 'We are busy.' }] } },
    async run(scene) {
      scene.providers({ a: refusal(429, {}, 'retry-after: 90') });
      await scene.call();
      const { seen, header } = await scene.call({ untried: true });
      scene.is('status', seen.status, 200);
      scene.says('the answer', seen.text, /We are busy\./);
      scene.is('degraded', header('x-leeward-degraded'), 'a fixed text, because of rate_limited');
      scene.is('requests', scene.asked('a').length, 1);
    },
  }),
  weatherRow(
    {
      row: DEGRADED,
      fault: 'the only target misses the aim of the route: a smaller model, marked as such',
      place: {
        providers: { a: {}, small: {} },
        aside: ['small'],
        route: { policies: { first_token_target: '200ms' }, degrade: ['{small}/m'] },
      },
      async run(scene) {
        scene.providers({ a: silent });
        const { seen, tried, header } = await scene.call();
        scene.is('status', seen.status, 200);
        scene.is('attempts', tried, 'a failed, small ok');
        scene.says('degraded', header('x-leeward-degraded'), /^w\d+-small\/m\S*, because of upstream_timeout$/);
      },
    },
    true,
  ),
];

/** Other targets for reasons of their own, and less of an answer rather than none. */
export const degradeFaults: readonly Row[] = [...reasons, ...less];
