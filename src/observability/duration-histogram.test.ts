import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { DurationHistogram } from './duration-histogram.ts';

const ABOUT = { name: 'took_seconds', help: 'How long it took', labelNames: ['provider', 'operation'] };
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];

test('a scrape reads what the library itself writes of the same observations', async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const histogram = new DurationHistogram({ ...ABOUT, registry: ours });
  const reference = new Histogram({ ...ABOUT, buckets: BUCKETS, registers: [theirs] });
  expect(await ours.metrics()).toBe(await theirs.metrics());
  for (const provider of ['one', 'say "two"\\']) {
    const labels = { provider, operation: 'chat' };
    for (const seconds of [0, 0.005, 0.0051, 0.3, 600, 600.1, 4_000]) {
      histogram.series(labels).observe(seconds);
      reference.observe(labels, seconds);
    }
  }
  expect(histogram.series({ provider: 'one', operation: 'chat' })).toBe(
    histogram.series({ operation: 'chat', provider: 'one' }),
  );
  expect(await ours.metrics()).toBe(await theirs.metrics());
});
