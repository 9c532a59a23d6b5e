import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { readDocument } from '../config/document-file.ts';
import { TRAFFIC, trafficJsonSchema } from './traffic-file.ts';
import { weatherKind } from './weather-document.ts';
import { weatherJsonSchema } from './weather-file.ts';
import { conditionsOf } from './weather-windows.ts';

const KNOWN = ['hosted-api', 'self-hosted'];
const HOUR = 3_600_000;
const WHOLE_DAY = { day: 1, fromMs: 0, untilMs: 24 * HOUR };

function weather(text: string) {
  return readDocument('weather.yaml', text, weatherKind(KNOWN)).document;
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.report;
    throw thrown;
  }
  throw new Error('it was taken');
}

/** What a weather file may not say, with the line and the words of its refusal. */
const REFUSED_WEATHER: readonly (readonly [text: string, line: number, said: string])[] = [
  ['name: x\ntargets: { openai: { outage: [] } }', 2, 'unknown key "outage", did you mean "outages"?'],
  ['targets: {}', 1, 'name is missing'],
  ['just words', 1, 'the file must be a mapping of keys to values'],
  ['', 1, 'name is missing'],
  ['name: x\ntargets:\n  openai: [', 3, 'wrong indentation, or a bracket that is not closed'],
  ['name: x\ntargets: { o: { outages: [{ from: 14, to: "15:00" }] } }', 2, 'from must be a time of the day'],
  ['name: x\ntargets: { o: { outages: [{ from: "25:00", to: "15:00" }] } }', 2, 'from must be a time of the day'],
  ['name: x\ntargets: { o: { outages: [{ from: "15:00", to: "14:00" }] } }', 2, 'to must be later than from'],
  ['name: x\ntargets: { o: { outages: [{ from: "15:00" }] } }', 2, 'to is missing'],
  [
    'name: x\ntargets: { o: { outages: [{ from: "15:00", to: "16:00", kind: eror }] } }',
    2,
    'kind must be one of refuse, reset, error, overloaded, hang, truncate, garbage, did you mean "error"?',
  ],
  ['name: x\ntargets: { o: { errors: 2 } }', 2, 'errors must be a share from 0% to 100%, written with its %'],
  ['name: x\ntargets: { o: { errors: 200% } }', 2, 'errors must be a share from 0% to 100%'],
  [
    'name: x\ntargets: { o: { latency: self-hostd } }',
    2,
    'there is no profile "self-hostd", did you mean "self-hosted"?',
  ],
  [
    'name: x\ndays: 2\ntargets: { o: { slow: [{ day: 3, from: "01:00", to: "02:00", times: 2 }] } }',
    3,
    'day must be at most 2',
  ],
  ['name: x\ntargets: { o/m: { capacity: { at_once: 3 } } }', 2, 'capacity belongs to a provider, not to a model'],
  [
    'name: x\ntargets: { o/m: { reduced: [{ from: "01:00", to: "02:00", at_once: 3 }] } }',
    2,
    'reduced belongs to a provider',
  ],
  ['name: x\ntargets: { o: { capacity: { at_once: 3, when_full: 500 } } }', 2, 'when_full must be 429 or 503'],
  [
    'name: x\ntargets: { o: { rate_limit: { headers: true } } }',
    2,
    'rate_limit needs calls_per_minute or tokens_per_minute',
  ],
  [
    'name: x\ntargets: { o: { throttled: [{ from: "01:00", to: "02:00", exhausted: true, retry_after: 3s }] } }',
    2,
    'retry_after must be absent where the quota is exhausted',
  ],
  [
    'name: x\nprofiles:\n  mine: { first_token: [{ at: "01:00", p50: 2s, p95: 1s }] }',
    3,
    'p95 must not be less than p50',
  ],
  [
    'name: x\nprofiles:\n  mine: { first_token: [{ at: "02:00", p50: 1s, p95: 1s }, { at: "01:00", p50: 1s, p95: 1s }] }',
    3,
    'at must be later than the point above it',
  ],
  [
    'name: x\nprofiles: { mine: { first_token: [{ at: "01:00", p50: 1, p95: 1s }] } }',
    2,
    'p50 must look like 500ms, 30s or 2m',
  ],
  ['name: x\nname: y', 2, 'duplicate key "name": it is already set above'],
];

test.each(REFUSED_WEATHER)('%j is no weather: line %i', (text, line, said) => {
  const report = refusal(() => weather(text));
  expect(report).toContain(`weather.yaml:${line}:`);
  expect(report).toContain(said);
  expect(report).toMatch(/^ +\d+ \| .*\n +\| +\^+$/m);
});

/** The same for traffic. */
const REFUSED_TRAFFIC: readonly (readonly [text: string, line: number, said: string])[] = [
  ['name: x', 1, 'calls_per_minute is missing'],
  ['name: x\ncalls_per_minute: []', 2, 'calls_per_minute needs at least 1 entry'],
  ['name: x\ncalls_per_minute: [{ at: "24:00", calls: 1 }]', 2, 'at must be before 24:00'],
  ['name: x\ncalls_per_minute: [{ at: "03:00", calls: 0 }]', 2, 'there is no traffic'],
  ['name: x\ncalls_per_minute: [{ at: "03:00", calls: -1 }]', 2, 'calls must be a number from 0 to 1000000'],
  ['name: x\ncalls_per_minute: [{ at: "03:00", calls: many }]', 2, 'calls must be a number from 0 to 1000000'],
  [
    'name: x\ncalls_per_minute: [{ at: "03:00", calls: 1 }, { at: "03:00", calls: 2 }]',
    2,
    'at must be later than the point above it',
  ],
  ['name: x\ncalls_per_minute: [{ at: "03:00", calls: 1 }]\nbetween: smoth', 3, 'did you mean "smooth"?'],
  [
    'name: x\ncalls_per_minute: [{ at: "03:00", calls: 1 }]\ncalls:\n  - { model: a, share: 60% }\n  - { model: b, share: 30% }',
    3,
    'the shares of calls must add up to 100%: these are 90%',
  ],
  [
    'name: x\ncalls_per_minute: [{ at: "03:00", calls: 1 }]\ncalls: [{ input_tokens: { p50: 9, p95: 3 } }]',
    3,
    'p95 must not be less than p50, which is 9',
  ],
  [
    'name: x\ncalls_per_minute: [{ at: "03:00", calls: 1 }]\nclients: { retrys: 3 }',
    3,
    'unknown key "retrys", did you mean "retries"?',
  ],
];

test.each(REFUSED_TRAFFIC)('%j is no traffic: line %i', (text, line, said) => {
  const report = refusal(() => readDocument('traffic.json', text, TRAFFIC));
  expect(report).toContain(`traffic.json:${line}:`);
  expect(report).toContain(said);
});

test('all that is wrong in a file is told at once', () => {
  const report = refusal(() => weather('name: x\ntargets:\n  o: { errors: 2 }\n  p: { latency: 3, slow: 4 }\n'));
  expect(report).toContain('weather.yaml:3:16');
  expect(report).toContain('weather.yaml:4:');
  expect(report).toContain('3 errors');
});

test('JSON is read as YAML is', () => {
  const file = weather(JSON.stringify({ name: 'x', targets: { openai: { errors: '1%' } } }));
  expect(file.targets['openai']?.errors).toBe(0.01);
});

test('what is said of all providers, of one and of a model holds together, each for whom it names', () => {
  const file = weather(`
name: x
targets:
  "*": { errors: 1% }
  openai: { outages: [{ from: "01:00", to: "02:00", kind: hang, share: 50% }] }
  openai/gpt-*: { slow: [{ from: "00:00", to: "24:00", times: 3 }] }
`);
  const of = (provider: string) =>
    conditionsOf(provider, ['gpt-x', 'tts'], { file, part: WHOLE_DAY, seed: 1 }).map(
      ({ kind, model, fromMs, untilMs }) => [kind, model, fromMs / HOUR, untilMs / HOUR],
    );
  expect(of('openai')).toEqual([
    ['outage', undefined, 0, 24],
    ['outage', undefined, 1, 2],
    ['latency', 'gpt-x', 0, 24],
  ]);
  expect(of('groq')).toEqual([['outage', undefined, 0, 24]]);
});

test('a part of a day has what the whole day has in that part, counted from its beginning', () => {
  const file = weather(
    'name: x\ntargets: { o: { outages: [{ from: "09:30", to: "11:00" }, { from: "20:00", to: "21:00" }] } }',
  );
  const part = { day: 1, fromMs: 10 * HOUR, untilMs: 12 * HOUR };
  expect(conditionsOf('o', ['m'], { file, part, seed: 1 })).toEqual([
    { fromMs: 0, untilMs: HOUR, kind: 'outage', share: 1, failure: 'error' },
  ]);
});

test('a window of the second day is not in the first one', () => {
  const file = weather('name: x\ndays: 2\ntargets: { o: { outages: [{ day: 2, from: "09:30", to: "11:00" }] } }');
  const of = (day: number) => conditionsOf('o', ['m'], { file, part: { ...WHOLE_DAY, day }, seed: 1 }).length;
  expect([of(1), of(2)]).toEqual([0, 1]);
});

test('random outages are as many and as long as was said, the same for a seed, and others for another provider or day', () => {
  const file = weather(`
name: x
days: 300
targets: { "*": { random_outages: [{ per_day: 4, length: { p50: 10m, p95: 30m } }] } }
`);
  const of = (provider: string, day: number, seed = 1) =>
    conditionsOf(provider, ['m'], { file, part: { ...WHOLE_DAY, day }, seed });
  expect(of('a', 1)).toEqual(of('a', 1));
  expect(of('a', 1)).not.toEqual(of('b', 1));
  expect(of('a', 1)).not.toEqual(of('a', 2));
  expect(of('a', 1)).not.toEqual(of('a', 1, 2));
  const all = Array.from({ length: 300 }, (_, index) => of('a', index + 1)).flat();
  // 4 a day less the time that passes within them.
  expect(all.length / 300).toBeGreaterThan(3.5);
  expect(all.length / 300).toBeLessThan(4.1);
  const lengths = all.map(({ fromMs, untilMs }) => untilMs - fromMs).sort((a, b) => a - b);
  expect((lengths[Math.floor(lengths.length / 2)] ?? 0) / 60_000).toBeCloseTo(10, -0.5);
  expect((lengths[Math.floor(lengths.length * 0.95)] ?? 0) / 60_000).toBeGreaterThan(25);
  expect((lengths[Math.floor(lengths.length * 0.95)] ?? 0) / 60_000).toBeLessThan(35);
});

test('every file that is shipped is one', () => {
  const text = (name: string) => readFileSync(join(import.meta.dirname, '../../assets/forecast', name), 'utf8');
  expect(readDocument('t', text('traffic-day.yaml'), TRAFFIC).warnings).toEqual([]);
  for (const name of ['latency.yaml', 'weather-rough-day.yaml', 'weather-calm.yaml']) {
    const { document } = readDocument(name, text(name), weatherKind(KNOWN));
    expect(document.about).toContain('Made, not recorded');
  }
});

test.each([
  ['traffic', trafficJsonSchema()],
  ['weather', weatherJsonSchema()],
])('the schema of %s in the package is the one that this code means', (name, schema) => {
  const packaged = readFileSync(join(import.meta.dirname, `../../assets/${name}.v1.schema.json`), 'utf8');
  expect(packaged, 'run "npm run make:schema"').toBe(`${JSON.stringify(schema, undefined, 2)}\n`);
});
