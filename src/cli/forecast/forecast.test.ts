import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ForecastDocument } from '../../forecast/forecast-document.ts';
import { VirtualClock } from '../../kernel/clock.ts';
import type { Context } from '../context.ts';
import { runProgram } from '../program.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const CONFIG = join(ROOT, 'docs/forecast/leeward.yaml');

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'forecast-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

async function forecast(args: readonly string[], terminal = false) {
  const printed = { out: '', err: '' };
  const missing = () => Promise.reject(new Error('not in this test'));
  const context: Omit<Context, 'setExitCode'> = {
    io: {
      out: (text) => {
        printed.out += text;
      },
      err: (text) => {
        printed.err += text;
      },
      env: {},
      ...(terminal ? { errTerminal: { columns: 100 } } : {}),
    },
    clock: new VirtualClock(Date.UTC(2026, 0, 16)),
    startGateway: missing,
    serveSimulator: missing,
    onLauncherGone: () => undefined,
    untilSignal: missing,
  };
  const code = await runProgram(['forecast', ...args, '--data', join(dir, 'none')], context);
  return { code, ...printed };
}

async function document(args: readonly string[]): Promise<ForecastDocument> {
  const { code, out, err } = await forecast([...args, '--json']);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as ForecastDocument;
}

/** A configuration's version is also what its providers' presets know. */
function withoutVersion(text: string): string {
  return text.replace(/version [0-9a-f]{12}\b/g, 'version …');
}

/** The afternoon in which one provider is gone for most of an hour. */
const AFTERNOON = ['--config', CONFIG, '--hours', '13-16', '--sample', '1500'];

describe('a forecast', () => {
  test('of one seed is always this one', async () => {
    const { code, out, err } = await forecast(AFTERNOON);
    expect([code, err]).toEqual([0, '']);
    expect(withoutVersion(out.replaceAll(ROOT, ''))).toMatchSnapshot();
  });

  test('is the same again, and another one for another seed', async () => {
    const [one, again, other] = [
      await document(AFTERNOON),
      await document(AFTERNOON),
      await document([...AFTERNOON, '--seed', '2']),
    ];
    expect(again).toEqual(one);
    expect(other.gateway.calls).not.toBe(one.gateway.calls);
  });

  test('shows a configuration that stays dry beside a first target that does not, on the same calls', async () => {
    const { gateway, alone, calls, violations } = await document(AFTERNOON);
    expect(violations).toEqual([]);
    expect(gateway.calls).toBe(alone.calls);
    expect(calls.simulated).toBe(gateway.calls);
    expect(calls.each_stands_for * calls.simulated).toBeGreaterThan(calls.expected * 0.9);
    // 42 of 180 minutes without its only provider.
    expect(alone.availability).toBeGreaterThan(0.7);
    expect(alone.availability).toBeLessThan(0.8);
    expect(gateway.availability).toBeGreaterThan(0.995);
    expect(gateway.attempts_per_call).toBeLessThan(1.05);
    expect(alone.targets.map(({ target }) => target)).toEqual(['openai/gpt-5-mini']);
    const shares = gateway.targets.reduce((sum, { share_of_answers: share }) => sum + (share ?? 0), 0);
    expect(shares).toBeCloseTo(1, 9);
    const slices = gateway.slices.reduce((sum, slice) => sum + slice.calls, 0);
    expect(slices).toBe(gateway.calls);
    // Known prices, and each simulated call stands for so many.
    const [cost, all] = [Number(gateway.cost?.usd), Number(gateway.cost_of_all?.usd)];
    expect(all / cost).toBeCloseTo(calls.each_stands_for, 1);
  });

  test('counts on a calm day one attempt for nearly every call', async () => {
    const { gateway, weather_windows: windows } = await document([...AFTERNOON, '--weather', 'calm']);
    expect(windows).toEqual([]);
    expect(gateway.attempts_per_call).toBeLessThan(1.01);
    expect(gateway.availability).toBe(1);
  });

  test('is slower with slower providers', async () => {
    const p95 = async (profile: string) => {
      const { gateway } = await document([...AFTERNOON, '--weather', 'calm', '--latency', profile]);
      return gateway.first_token_ms?.p95 ?? 0;
    };
    const [device, hosted, gpu] = [await p95('on-device'), await p95('openai=hosted-api'), await p95('serverless-gpu')];
    expect(device / 300).toBeCloseTo(1, 0.7);
    expect(hosted / 1_800).toBeCloseTo(1, 0.7);
    expect(gpu).toBeGreaterThan(hosted);
  });

  const even = (kind: string) =>
    file('even.yaml', `name: Even\ncalls_per_minute: [{ at: "00:00", calls: 60 }]\ncalls: [${kind}]\n`);
  const KIND = '{ input_tokens: 400, output_tokens: 100, max_output_tokens: 200 }';

  test('counts answers with a text of the route where a rate limit leaves nothing else', async () => {
    const config = file(
      'limited.yaml',
      `
providers: { openai: { api_key: "\${env:NONE:-none}" } }
routes: { limited: { targets: [openai/gpt-5-mini], degrade: [{ text: Later. }] } }
`,
    );
    const limit = 'rate_limit: { calls_per_minute: 20 }';
    const weather = file('limit.yaml', `name: Tight\ntargets: { openai: { ${limit} } }`);
    const args = ['--config', config, '--weather', weather, '--traffic', even(KIND), '--sample', 'all'];
    const { gateway, alone, calls } = await document([...args, '--hours', '1-1:20']);
    expect(calls.each_stands_for).toBe(1);
    expect(gateway.availability).toBe(1);
    expect(gateway.degraded).toBe(gateway.answered_by_text);
    expect(gateway.degraded).toBeGreaterThan(gateway.calls / 2);
    const texts = gateway.slices.reduce((sum, slice) => sum + (slice.answered_by['a text of the route'] ?? 0), 0);
    expect(texts).toBe(gateway.answered_by_text);
    expect(alone.degraded).toBe(0);
    expect(alone.availability).toBeLessThan(0.6);
    expect(alone.errors.map(({ code }) => code)).toEqual(['rate_limited']);
  });

  test('keeps the caps of the organisation, in proportion, and says which budgets it left out', async () => {
    const config = file(
      'capped.yaml',
      `
providers: { groq: { api_key: "\${env:NONE:-none}" } }
routes: { spent: { targets: [groq/llama-3.3-70b-versatile] } }
budgets:
  day: { per: day, hard: "0.20" }
  each: { per: day, each: end_user, hard: "1.00" }
`,
    );
    const args = ['--config', config, '--weather', 'calm', '--traffic', even(KIND), '--hours', '1-4'];
    const { gateway, alone, notes } = await document([...args, '--sample', '2000']);
    expect(gateway.errors[0]?.code).toBe('budget_exceeded');
    expect(gateway.requests.refused).toBeGreaterThan(100);
    // Each simulated call stands for more than one, and so does its part of the cap.
    expect(Number(gateway.cost_of_all?.usd)).toBeGreaterThan(0.19);
    expect(Number(gateway.cost_of_all?.usd)).toBeLessThanOrEqual(0.2);
    expect(Number(alone.cost_of_all?.usd)).toBeGreaterThan(0.25);
    expect(notes).toEqual([
      'Budgets begin their windows with nothing spent.',
      '1 of the budgets are for projects, keys, each user or prepaid, and were left out.',
    ]);
  });
});

test('the page stands alone: no script, nothing fetched, names escaped, and each plot says in words what it shows', async () => {
  const path = join(dir, 'page.html');
  const weather = file(
    'odd.yaml',
    'name: "<script>alert(1)</script>"\ntargets: { openai: { outages: [{ from: "14:00", to: "14:30" }] } }',
  );
  const { code, err } = await forecast([...AFTERNOON, '--weather', weather, '--html', path]);
  expect([code, err]).toEqual([0, `${path}\n`]);
  const page = readFileSync(path, 'utf8');
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
  expect(page).toContain('&lt;script&gt;');
  expect(page.match(/<svg [^>]*role="img" aria-label="[^"]{20,}"/g)).toHaveLength(4);
  expect(page).toContain('openai: server errors, 14:00 to 14:30');
  expect(page).toContain('prefers-color-scheme: dark');
  // Every path is drawn with numbers: what is unknown is a gap.
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('how far it is goes to a terminal, and nowhere else', async () => {
  const { out, err } = await forecast(AFTERNOON, true);
  const wiped = '\r\u001b[K';
  expect(err.endsWith(wiped)).toBe(true);
  expect(err.slice(0, -wiped.length)).toMatch(/^(\rforecasting +\d+ %)+$/);
  expect(out).not.toContain('\r');
});

test('--print gives files that can be begun from, and the schemas', async () => {
  for (const what of ['traffic', 'weather']) {
    const { code, out } = await forecast(['--print', what]);
    expect(code).toBe(0);
    const own = file(`${what}.yaml`, out);
    expect((await forecast([...AFTERNOON, `--${what}`, own])).code).toBe(0);
  }
  expect((await forecast(['--print', 'latency'])).out).toContain('on-device:');
  const schema = JSON.parse((await forecast(['--print', 'weather-schema'])).out) as { title: string };
  expect(schema.title).toBe("a forecast's weather");
});

/** What cannot be forecast: the arguments, the exit code, and what is said. */
const REFUSED: readonly (readonly [args: readonly string[], code: number, said: string])[] = [
  [['--weather', 'rough-dya'], 7, 'did you mean rough-day?'],
  [['--traffic', 'nowhere/traffic.yaml'], 7, 'check the path, or take one of ours: day'],
  [['--weather', tmpdir()], 1, 'cannot be read (EISDIR)'],
  [['--config', 'gone.yaml'], 3, 'gone.yaml'],
  [['--latency', 'hostd-api'], 2, 'did you mean hosted-api?'],
  [['--latency', 'opnai=hybrid'], 2, 'did you mean openai?'],
  [['--day', '2'], 2, 'there is no day 2'],
  [['--day', '0'], 2, 'It must be a whole number from 1 to 366'],
  [['--hours', '18-9'], 2, 'It must be a part of a day from 0 to 24'],
  [['--hours', '9'], 2, 'It must be a part of a day from 0 to 24'],
  [['--sample', '5'], 2, 'It must be a whole number from 100 to 10000000'],
  [['--seed', '-1'], 2, 'It must be a whole number from 0 to 4294967295'],
  [['--print', 'all'], 2, 'Allowed choices are traffic, weather'],
];

test.each(REFUSED)('%j ends with %i: %s', async (args, code, said) => {
  const ended = await forecast([...AFTERNOON, ...args]);
  expect([ended.code, ended.out]).toEqual([code, '']);
  expect(ended.err).toContain(said);
});

test('a weather file that is none is refused with its lines and fields, as a mistake of use', async () => {
  const weather = file(
    'wrong.yaml',
    'name: x\ntargets:\n  openai:\n    outages: [{ from: "15:00", to: "14:00", kind: storm }]\n',
  );
  const { code, out, err } = await forecast([...AFTERNOON, '--weather', weather]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toBe(
    'wrong.yaml:4:51  error  kind must be one of refuse, reset, error, overloaded, hang, truncate, garbage\n' +
      '   4 |     outages: [{ from: "15:00", to: "14:00", kind: storm }]\n' +
      '     |                                                   ^^^^^\n' +
      '1 error\n\n' +
      'leeward: wrong.yaml cannot be used for a forecast — correct what stands above; docs/forecast.md has each field\n',
  );
});

test.each([
  ['providers: {}', 'no route that the traffic could call'],
  ['routes: { x: { targets: [sim/sim-small] } }', 'did you mean route/x?'],
])('traffic that a configuration cannot serve is refused: %s', async (text, said) => {
  const config = file('bare.yaml', text);
  const calls = said.startsWith('did') ? 'calls: [{ model: route/y }]' : '';
  const traffic = file('calls.yaml', `name: x\ncalls_per_minute: [{ at: "00:00", calls: 1 }]\n${calls}\n`);
  const { code, err } = await forecast(['--config', config, '--traffic', traffic]);
  expect(code).toBe(7);
  expect(err).toContain(said);
});

describe('docs/forecast.md', () => {
  const page = readFileSync(join(ROOT, 'docs/forecast.md'), 'utf8');
  /** Figures move with every improvement of what is simulated; the words beside them must not. */
  const masked = (text: string) =>
    withoutVersion(text)
      .replace(/[\d.,:]+/g, '#')
      .replace(/ +/g, ' ');
  const examples = [...page.matchAll(/^```console\n\$ leeward forecast ([^\n]+)\n(.*?)^```$/gms)];

  test('has worked examples', () => expect(examples.length).toBeGreaterThan(1));

  test.each(examples.map(([, line = '', shown = '']) => [line, shown] as const))(
    'shows what "leeward forecast %s" prints',
    async (line, shown) => {
      const args = line.split(' ').map((arg) => (arg.startsWith('docs/') ? join(ROOT, arg) : arg));
      const { code, out } = await forecast(args);
      expect(code).toBe(0);
      const printed = masked(out.replaceAll(`${ROOT}/`, ''));
      const parts = shown.split(/^…\n/m);
      expect(parts[0]).not.toBe('');
      for (const part of parts) expect(printed).toContain(masked(part).trim());
    },
  );

  test('names every field of both files', async () => {
    for (const kind of ['traffic', 'weather']) {
      const schema: unknown = JSON.parse((await forecast(['--print', `${kind}-schema`])).out);
      for (const field of fieldsOf(schema)) if (field !== '$schema') expect(page).toContain(field);
    }
  });
});

function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own =
    'properties' in schema && typeof schema.properties === 'object' ? Object.keys(schema.properties ?? {}) : [];
  return [...own, ...Object.values(schema).flatMap(fieldsOf)];
}
