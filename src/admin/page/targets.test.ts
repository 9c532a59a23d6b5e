import { expect, test } from 'vitest';
import type { TargetWeatherView } from '../../routing/weather-words.ts';
import { renderTargets, targetsSignature } from './targets.ts';

function view(key: string, more: Partial<TargetWeatherView> = {}): TargetWeatherView {
  const [provider = '', model = ''] = key.split('/');
  return {
    key,
    provider,
    model,
    inFlight: 2,
    ended: { ok: 1_204, failed: 0, neutral: 3, throttled: 0, credential: 0 },
    ...more,
  };
}

const text = (views: readonly TargetWeatherView[]) =>
  renderTargets(views)
    .toString()
    .replace(/<\/?bdi>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

test('an open target shows what it bears and how it did', () => {
  const open = view('openai/gpt', { concurrencyLimit: 20.7, firstTokenP95Ms: 812 });
  expect(text([open])).toBe('openai/gpt open 2 of 20 in flight first token p95 812 ms 1,204 ok');
});

test('a closed one comes first, with why, for how long, and whether the provider asked for it', () => {
  const closure = { kind: 'cool-down', reason: 'told to wait', asked: true, forMs: 42_000 } as const;
  const ended = { ok: 0, failed: 5, neutral: 0, throttled: 1, credential: 0 };
  expect(text([view('a/one'), view('b/two', { closure, ended })])).toBe(
    'b/two closed 2 in flight 0 ok 5 failed 1 throttled told to wait, for 42.0 s more, as the provider asked ' +
      'a/one open 2 in flight 1,204 ok',
  );
});

test('one that comes back says so, and a name that others gave cannot become markup', () => {
  const breaker = { state: 'half-open', openings: 1, failuresInRow: 0, calls: 1, failed: 0 } as const;
  expect(text([view('a/one', { breaker })])).toContain('a/one probing');
  expect(
    text([view('a/one', { slow: { state: 'returning', openings: 1, slowPercent: 0, boundMs: 5_000 } })]),
  ).toContain('a/one returning');
  expect(renderTargets([view('a/<script>')]).toString()).not.toContain('<script>');
});

test('the page is told of what changes in it, not of each call', () => {
  const closure = { kind: 'breaker', reason: 'open', asked: false, forMs: 29_000 } as const;
  const calm = targetsSignature([view('a/one')]);
  expect(targetsSignature([view('a/one', { inFlight: 9 })])).toBe(calm);
  expect(targetsSignature([view('a/one', { firstTokenP95Ms: 801 })])).toBe(
    targetsSignature([view('a/one', { firstTokenP95Ms: 804 })]),
  );
  const closed = targetsSignature([view('a/one', { closure })]);
  expect(closed).not.toBe(calm);
  expect(targetsSignature([view('a/one', { closure: { ...closure, forMs: 28_000 } })])).toBe(closed);
  expect(targetsSignature([view('a/one', { closure: { ...closure, forMs: 9_000 } })])).not.toBe(closed);
});

test('of more than a hundred the rest is counted', () => {
  const many = Array.from({ length: 103 }, (_, index) => view(`a/m${index}`));
  expect(text(many)).toMatch(/and 3 more: leeward targets$/);
});
