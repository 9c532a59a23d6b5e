import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import type { Context } from '../context.ts';
import { runProgram } from '../program.ts';
import type { OpenStoreRecords } from '../records/records.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const PLANS = join(ROOT, 'docs/plans');

async function plan(args: readonly string[], given: { input?: string; records?: OpenStoreRecords } = {}) {
  const printed = { out: '', err: '' };
  const { input, records } = given;
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
      ...(input === undefined ? {} : { input: { isTerminal: false, text: () => Promise.resolve(input) } }),
    },
    clock: new VirtualClock(Date.UTC(2026, 0, 16)),
    startGateway: missing,
    serveSimulator: missing,
    onLauncherGone: () => undefined,
    untilSignal: missing,
    ...(records === undefined ? {} : { openStoreRecords: () => Promise.resolve(records) }),
  };
  const code = await runProgram(['plan', ...args, '--data', join(ROOT, 'no-such-directory')], context);
  return { code, ...printed };
}

interface Document {
  readonly scenarios: readonly {
    readonly name: string;
    readonly fees: { readonly usd: string };
    readonly lines: readonly {
      readonly route: string;
      readonly tier: string | null;
      readonly call_cost: { usd: string };
    }[];
    readonly total_cost: { readonly amount: { readonly usd: string } };
  }[];
}

async function fees(args: readonly string[], given?: { records?: OpenStoreRecords }): Promise<Record<string, string>> {
  const { code, out, err } = await plan([...args, '--json'], given);
  expect([code, err]).toEqual([0, '']);
  return Object.fromEntries((JSON.parse(out) as Document).scenarios.map((one) => [one.name, one.fees.usd]));
}

describe('the plans that are shipped', () => {
  test.each(readdirSync(PLANS))('%s is reckoned, in words and as JSON', async (name) => {
    const text = await plan([join(PLANS, name)]);
    expect([text.code, text.err]).toEqual([0, '']);
    expect(text.out).toMatch(/^total +[\d,]+ +\$[\d,.]+$/m);
    expect(Object.keys(await fees([join(PLANS, name)])).length).toBeGreaterThan(1);
  });

  test('the page shows what one of them really prints', async () => {
    const page = readFileSync(join(ROOT, 'docs/cost-planning.md'), 'utf8');
    const [, path = '', shown] = /^```console\n\$ leeward plan (\S+)\n(.*?)^```$/ms.exec(page) ?? [];
    // The version of the price list changes without any price of this plan, which has none of the list's.
    const versionless = (text = '') => text.replace(/^List prices: \S+\. /m, '');
    expect(versionless((await plan([join(ROOT, path)])).out)).toBe(versionless(shown));
  });

  test('have the figures of the worked examples', async () => {
    expect(await fees([join(PLANS, 'unit-economics.json')])).toEqual({ base: '4800', retried: '4896', grown: '28800' });
    expect(await fees([join(PLANS, 'clips.yaml')])).toEqual({
      base: '4250',
      'video at 0.025': '3750',
      'video at 0.0672': '10080',
      'video at 0.08': '12000',
      'video at 0.12': '18000',
    });
  });
});

test('flags alone make a plan, and win over a file', async () => {
  const line = '--users 500000 --active 20% --calls 6 --price 0.008 --success 90% --gpu 2.60';
  const { out } = await plan(line.split(' '));
  expect(out).toContain('Per successful task: $0.0533 = $4,800.00 ÷ (100,000 tasks × 90 %)');
  expect(out).toContain('calls at $0.008 a call: pays from 234,000 calls');
  expect(await fees([join(PLANS, 'unit-economics.json'), '--active', '60%', '--calls', '12'])).toMatchObject({
    base: '28800',
  });
});

test('sessions, tasks and the split of a file can be said by flags', async () => {
  const input = `
routes:
  answer: { tiers: { cheap: { price: 0.01 }, middle: { price: 0.1 }, frontier: { price: 1 } } }`;
  const line = '- --users 10 --sessions 5 --tasks 2 --split 50/35/15';
  const { code, out } = await plan(line.split(' '), { input });
  expect(code).toBe(0);
  expect(out).toContain('50 sessions, 100 tasks a month');
  // 50 × $0.01 + 35 × $0.1 + 15 × $1
  expect(out).toMatch(/^total +100 +\$19\.00$/m);
  expect(out).toContain('! The premium share has reached 15 % of the calls');
});

test('a model is priced by the catalogue: 1,200 tokens at $0.25 and 300 at $2 a million', async () => {
  const line = '--users 1 --model openai/gpt-5-mini --input-tokens 1200 --output-tokens 300 --json';
  const { scenarios } = JSON.parse((await plan(line.split(' '))).out) as Document;
  expect(scenarios[0]?.lines).toMatchObject([{ tier: 'cheap', call_cost: { usd: '0.0009' } }]);
});

test('what cannot be is told line by line, with exit code 2', async () => {
  const input = 'traffic: { users: 10, active: 120% }\nroutes: { only: { price: nan } }\n';
  const { code, out, err } = await plan(['-', '--retries', '-1%'], { input });
  expect([code, out]).toEqual([2, '']);
  expect(err).toBe(
    'standard input:1  traffic.active is "120%"; must be a share from 0% to 100%, written with its %, as in 20%\n' +
      '--retries  retries is "-1%"; must be a rate from 0% to 1000%, written with its %, as in 2%\n' +
      'standard input:2  routes.only.price is "nan"; must be US dollars from 0 to 1,000,000,000 with at most 12 decimals, as in $0.008\n\n' +
      'leeward: the plan cannot be reckoned — correct what stands above; docs/cost-planning.md has each field\n',
  );
});

test.each([
  [[], 2, 'there is nothing to plan'],
  [[join(PLANS, 'gone.yaml')], 7, 'cannot be read (ENOENT)'],
  [[PLANS], 1, 'cannot be read (EISDIR)'],
  [['--users', '1', '--model', 'openai/no-such-model', '--input-tokens', '1'], 2, 'or give its "price:"'],
  [[join(PLANS, 'assistant.yaml'), '--calls', '2'], 2, 'a plan with one route: say it in the file'],
])('%j ends with %i', async (args, code, said) => {
  const ended = await plan(args);
  expect([ended.code, ended.out]).toEqual([code, '']);
  expect(ended.err).toContain(said);
});

describe('--from-usage', () => {
  /** What fifteen days recorded, as `GET /admin/usage` has it. */
  function recorded(): OpenStoreRecords {
    const figures = { attempts: 0, errors: 0, input_tokens: 1, cached_input_tokens: 0, output_tokens: 1 };
    const groups = [
      { group: 'openai/gpt-5', calls: 1_000, cost_nano_usd: '4500000000', calls_without_cost: 100, ...figures },
      { group: 'acme/own', calls: 500, cost_nano_usd: null, calls_without_cost: 500, ...figures },
    ];
    return {
      get: () =>
        Promise.resolve({
          group_by: 'model',
          from: '2026-01-01T00:00:00.000Z',
          to: '2026-01-16T01:00:00.000Z',
          data: groups,
          total: { calls: 1_500, cost_nano_usd: '4500000000', calls_without_cost: 600, ...figures },
          next_cursor: null,
        }),
      close: () => Promise.resolve(),
    };
  }

  test('asks for the price of what has none', async () => {
    const { code, err } = await plan(['--from-usage', '15d'], { records: recorded() });
    expect(code).toBe(2);
    expect(err).toContain('recorded usage  routes.acme/own must be priced');
  });

  test('plans a month at the recorded rate, at the average cost of what was priced', async () => {
    const input = 'routes: { acme/own: { price: 0 } }';
    const { code, out } = await plan(['-', '--from-usage', '15d', '--times', '3', '--json'], {
      input,
      records: recorded(),
    });
    expect(code).toBe(0);
    const [base] = (JSON.parse(out) as Document).scenarios;
    // 1,000 calls in 15 days are 2,000 a month, each $4.5 ÷ 900 = $0.005; and three times as many.
    expect(base?.fees.usd).toBe('30');
    expect(base?.lines).toMatchObject([
      { route: 'openai/gpt-5', tier: 'frontier', calls: '6000', call_cost: { usd: '0.005' } },
      { route: 'acme/own', tier: null, calls: '3000' },
    ]);
  });
});
