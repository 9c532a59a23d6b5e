import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { nano } from '../../kernel/amounts.ts';
import { correctionOf, type Verdict } from '../../money/reconcile/compare.ts';
import type { LedgerLine } from '../../money/reconcile/lines.ts';
import { hasDifference, type Totals } from '../../money/reconcile/tally.ts';
import { type ReconcileRequest, reconcile, statementName } from './reconcile.ts';

const DAY = Date.parse('2026-11-21T00:00:00Z');
const DAY_MS = 86_400_000;

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-test-reconcile-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function attempt(index: number, facts: Partial<LedgerLine> = {}): LedgerLine {
  return {
    callId: `call_${index}`,
    attempt: 1,
    model: 'gpt-x',
    startedAt: DAY + index * 1_000,
    outcome: 'ok',
    upstreamRequestId: `req_${index}`,
    tokens: { input: 10n, cachedInput: 0n, output: 5n },
    cost: nano(1_000n + BigInt(index)),
    ...facts,
  };
}

/** A ledger without an attempt. */
async function* noAttempts(): AsyncGenerator<LedgerLine> {
  yield* [];
}

/** A line of a statement as its JSON. */
type Billed = Record<string, string | number | boolean>;

function billed(here: LedgerLine): Billed {
  const { upstreamRequestId, tokens } = here;
  return {
    ...(upstreamRequestId === undefined ? {} : { request_id: upstreamRequestId }),
    client_request_id: `${here.callId}-${here.attempt}`,
    model: here.model,
    started_at: new Date(here.startedAt).toISOString(),
    input_tokens: String(tokens.input ?? 0n),
    output_tokens: String(tokens.output ?? 0n),
    cost_nano_usd: String(here.cost ?? 0n),
  };
}

let files = 0;

async function compare(
  ours: readonly LedgerLine[],
  theirs: readonly Billed[],
  request: Partial<ReconcileRequest> = {},
) {
  const path = join(directory, `statement-${files++}.jsonl`);
  writeFileSync(path, theirs.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const verdicts: Verdict[] = [];
  async function* attempts(from: number, to: number) {
    for (const one of ours) if (one.startedAt >= from && one.startedAt < to) yield one;
  }
  const compared = await reconcile(
    { path, format: 'generic', columns: new Map(), from: DAY, to: DAY + DAY_MS, ...request },
    attempts,
    (verdict) => verdicts.push(verdict),
  );
  if (compared.kind !== 'lines') throw new Error('compared as aggregates');
  return { ...compared, verdicts };
}

function found({ counts }: Totals): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

describe('what an attempt turns out to be', () => {
  test('billed as we have it, by either id', async () => {
    const both = attempt(1);
    const crashed = attempt(2);
    const { upstreamRequestId: _, ...withoutId } = crashed;
    const { totals } = await compare([both, withoutId], [billed(both), billed(crashed)]);
    expect(found(totals)).toEqual({ matched: 2 });
    expect(hasDifference(totals)).toBe(false);
    expect(totals).toMatchObject({ booked: 2_003n, billed: 2_003n, difference: 0n, apart: 0n });
  });

  test("of an interrupted attempt without a known cost: the provider's whole amount is apart", async () => {
    const { cost: _, upstreamRequestId: __, ...unknown } = attempt(3, { outcome: 'interrupted', tokens: {} });
    const { totals, verdicts } = await compare([unknown], [billed(attempt(3))]);
    expect(found(totals)).toEqual({ differing: 1 });
    expect(totals).toMatchObject({ difference: 1_003n, differing: { both: 1 } });
    expect(verdicts.map((verdict) => correctionOf(verdict, false))).toEqual([
      { callId: 'call_3', attempt: 1, tokens: { input: 10n, output: 5n }, cost: 1_003n },
    ]);
  });

  test('ours alone: with a cost, with none that is known, free, under way, or at another time', async () => {
    const { cost: _, ...unknown } = attempt(5, { outcome: 'interrupted' });
    const { cost: __, ...refused } = attempt(6, { outcome: 'failed' });
    const { outcome: ___, ...running } = attempt(8);
    const { totals, verdicts } = await compare(
      [attempt(4), unknown, refused, attempt(7, { cost: nano(0n) }), running, attempt(9, { startedAt: DAY - 1 })],
      [],
    );
    expect(found(totals)).toEqual({ 'missing-there': 1, unresolved: 1, free: 2, running: 1 });
    expect(totals).toMatchObject({ booked: 1_004n, billed: 0n, difference: -1_004n, apart: 1_004n });
    expect(verdicts.flatMap((verdict) => correctionOf(verdict, false) ?? [])).toEqual([]);
    const corrections = verdicts.flatMap((verdict) => correctionOf(verdict, true) ?? []);
    expect(corrections.map(({ callId, cost }) => [callId, cost])).toEqual([
      ['call_4', 0n],
      ['call_5', 0n],
    ]);
  });

  test('theirs alone, or not finished by them: neither is booked', async () => {
    const open = attempt(11);
    const { totals, verdicts } = await compare([open], [billed(attempt(10)), { ...billed(open), billed: false }]);
    expect(found(totals)).toEqual({ 'missing-here': 1, open: 1 });
    expect(verdicts.flatMap((verdict) => correctionOf(verdict, true) ?? [])).toEqual([]);
  });

  test('billed in parts: they are added before anything is rounded', async () => {
    const here = attempt(12, { cost: nano(2n) });
    const part = (fields: Billed) => ({ request_id: 'req_12', started_at: '2026-11-21', ...fields });
    const { totals } = await compare(
      [here],
      [part({ input_tokens: 10, cost_nano_usd: '0.6' }), part({ output_tokens: 5, cost_nano_usd: '0.6' })],
    );
    expect(found(totals)).toEqual({ matched: 1 });
  });

  test('an id of theirs that two attempts have is decided by ours', async () => {
    const one = attempt(13, { upstreamRequestId: 'req_same' });
    const other = attempt(14, { upstreamRequestId: 'req_same' });
    const { totals } = await compare([one, other], [billed(one), billed(other)]);
    expect(found(totals)).toEqual({ matched: 2 });
  });

  test('a line without any id, in a statement of single requests, belongs to nobody', async () => {
    const here = attempt(15);
    const nameless = { model: 'gpt-x', started_at: '2026-11-21', cost_nano_usd: 5 };
    const { totals } = await compare([here], [billed(here), nameless, nameless]);
    expect(found(totals)).toEqual({ matched: 1, 'missing-here': 2 });
  });
});

test('the capture of a day is alarming below 99.5 %, and a line booked too high makes good for no other', async () => {
  const ours = [attempt(1, { cost: nano(5_000n) }), attempt(2, { cost: nano(995n), startedAt: DAY + DAY_MS })];
  const theirs = [
    { ...billed(attempt(1)), cost_nano_usd: 1_000 },
    { ...billed(attempt(70)), cost_nano_usd: 6 },
    { ...billed(attempt(2, { startedAt: DAY + DAY_MS })), cost_nano_usd: 1_000 },
  ];
  const { totals } = await compare(ours, theirs, { to: DAY + 2 * DAY_MS });
  expect(totals.days).toEqual([
    { day: '2026-11-21', billed: 1_006n, captured: 1_000n, alert: true },
    { day: '2026-11-22', billed: 1_000n, captured: 995n, alert: false },
  ]);
});

type Change = 'none' | 'dropped' | 'doubled' | 'tokens' | 'cost' | 'both';

test.each([1_000, 7])(
  'any change of a statement is found, exactly, with at most %i lines in memory',
  async (heldMax) => {
    const change = fc.record({
      change: fc.constantFrom<Change>('none', 'dropped', 'doubled', 'tokens', 'cost', 'both'),
      by: fc.integer({ min: 1, max: 1_000 }),
      without: fc.constantFrom('nothing', 'request_id', 'client_request_id'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 60 }),
        fc.nat(5),
        fc.infiniteStream(fc.nat()),
        async (changes, strangers, order) => {
          const ours = changes.map((_, index) => attempt(index));
          const theirs = changes.flatMap((one, index) => changed(billed(attempt(index)), one));
          for (let index = 0; index < strangers; index++) theirs.push(billed(attempt(1_000 + index)));
          const shuffled = theirs
            .map((line) => ({ line, at: order.next().value ?? 0 }))
            .sort((one, other) => one.at - other.at)
            .map(({ line }) => line);
          const { totals, verdicts } = await compare(ours, shuffled, { heldMax });
          const count = (...kinds: Change[]) => changes.filter((one) => kinds.includes(one.change)).length;
          expect(totals.counts).toMatchObject({
            matched: count('none'),
            differing: count('tokens', 'cost', 'both', 'doubled'),
            'missing-there': count('dropped'),
            'missing-here': strangers,
          });
          expect(totals.differing).toEqual({
            tokens: count('tokens'),
            cost: count('cost'),
            both: count('both', 'doubled'),
          });
          const apart = changes.map((one, index) => expectedDifference(one, index));
          const foreign = Array.from({ length: strangers }, (_, index) => 2_000n + BigInt(index));
          const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
          expect(totals.difference).toBe(sum([...apart, ...foreign]));
          expect(totals.apart).toBe(sum([...apart, ...foreign].map((amount) => (amount < 0n ? -amount : amount))));

          // Booked, nothing but what is nobody's is left.
          const corrections = new Map(
            verdicts.flatMap((verdict) => correctionOf(verdict, true) ?? []).map((one) => [one.callId, one]),
          );
          const booked = ours.map((line) => ({ ...line, ...pick(corrections.get(line.callId)) }));
          const after = await compare(booked, shuffled, { heldMax });
          expect(after.totals.difference).toBe(sum(foreign));
          expect(hasDifference(after.totals)).toBe(strangers > 0);
        },
      ),
      { numRuns: 60 },
    );
  },
);

function pick(correction: ReturnType<typeof correctionOf>) {
  return correction && { tokens: correction.tokens, cost: correction.cost };
}

function expectedDifference({ change, by }: { readonly change: Change; readonly by: number }, index: number): bigint {
  const cost = 1_000n + BigInt(index);
  if (change === 'dropped') return -cost;
  if (change === 'doubled') return cost;
  return change === 'cost' || change === 'both' ? BigInt(by) : 0n;
}

function changed(line: Billed, { change, by, without }: { change: Change; by: number; without: string }): Billed[] {
  const { [without]: _, ...left } = line;
  const tokens = change === 'tokens' || change === 'both' ? { output_tokens: 5 + by } : {};
  const cost =
    change === 'cost' || change === 'both'
      ? { cost_nano_usd: String(BigInt(String(line['cost_nano_usd'])) + BigInt(by)) }
      : {};
  if (change === 'dropped') return [];
  return change === 'doubled' ? [left, left] : [{ ...left, ...tokens, ...cost }];
}

test.each(['csv', 'jsonl', 'json'])(
  'a statement that is read in many pieces is read to its end, as %s',
  async (kind) => {
    const ours = Array.from({ length: 5_000 }, (_, index) => attempt(index, { startedAt: DAY }));
    const lines = ours.map((here) => ({ ...billed(here), filling: '"é", '.repeat(10) }));
    const path = join(directory, `long.${kind}`);
    const quoted = (value: string | number | boolean) => `"${String(value).replaceAll('"', '""')}"`;
    const csv = [Object.keys(lines[0] ?? {}), ...lines.map((line) => Object.values(line))]
      .map((row) => row.map(quoted).join(','))
      .join('\n');
    const texts = {
      csv,
      json: JSON.stringify(lines, null, 2),
      jsonl: lines.map((line) => JSON.stringify(line)).join('\n'),
    };
    writeFileSync(path, `\n\n${texts[kind as keyof typeof texts]}`);
    async function* attempts() {
      yield* ours;
    }
    const request = { path, format: 'generic', columns: new Map(), heldMax: 1_000 } as const;
    const compared = await reconcile(request, attempts, () => undefined);
    expect(compared).toMatchObject({ kind: 'lines', statementLines: 5_000, totals: { counts: { matched: 5_000 } } });
  },
);

describe('a statement that sums up', () => {
  async function sums(ours: readonly LedgerLine[], text: string, request: Partial<ReconcileRequest> = {}) {
    const path = join(directory, `sums-${files++}`);
    writeFileSync(path, text);
    async function* attempts(from: number, to: number) {
      for (const one of ours) if (one.startedAt >= from && one.startedAt < to) yield one;
    }
    const compared = await reconcile(
      { path, format: 'generic', columns: new Map(), ...request },
      attempts,
      () => undefined,
    );
    if (compared.kind !== 'aggregates') throw new Error('compared line by line');
    return compared;
  }

  test('by model and minute, snapshots under the name that was asked for', async () => {
    const ours = [attempt(1), attempt(2), attempt(61), attempt(62, { model: 'gpt-y' })];
    const csv =
      'timestamp,model,input_tokens,output_tokens,cost_usd\r\n' +
      '2026-11-21T00:00:00Z,gpt-x-2026-01-31,20,10,0.000002003\r\n' +
      '2026-11-21T00:01:00Z,gpt-x,10,6,0.000001061\r\n';
    const { groups, widthMs, from, to } = await sums(ours, csv, { bucketMs: 60_000 });
    expect([widthMs, from, to]).toEqual([60_000, DAY, DAY + DAY_MS]);
    expect(
      groups.map(({ model, at, differs, difference }) => [model, at - DAY, differs.tokens, differs.cost, difference]),
    ).toEqual([
      ['gpt-x', 0, false, false, 0n],
      ['gpt-x', 60_000, true, false, 0n],
      ['gpt-y', 60_000, true, true, -1_062n],
    ]);
  });

  test("in OpenAI's pages of buckets, as one document or a page a line", async () => {
    const page = {
      object: 'page',
      data: [
        {
          object: 'bucket',
          start_time: DAY / 1_000,
          end_time: (DAY + DAY_MS) / 1_000,
          results: [{ input_tokens: 20, output_tokens: 10, num_model_requests: 2, model: 'gpt-x' }],
        },
        { object: 'bucket', start_time: (DAY + DAY_MS) / 1_000, end_time: (DAY + 2 * DAY_MS) / 1_000, results: [] },
      ],
    };
    for (const text of [JSON.stringify(page), JSON.stringify(page, null, 2)]) {
      const { groups } = await sums([attempt(1), attempt(2)], text);
      expect(groups).toMatchObject([{ model: 'gpt-x', differs: { tokens: false, cost: false, requests: false } }]);
    }
  });

  test('of costs alone, without models', async () => {
    const { groups } = await sums(
      [attempt(1), attempt(2, { model: 'gpt-y' })],
      'date,amount_value\n2026-11-21,0.000002004\n',
    );
    expect(groups).toMatchObject([{ model: '', differs: { tokens: false, cost: true }, difference: 1n }]);
  });
});

test.each([
  ['', 'empty'],
  ['request_id,cost_usd\nreq_1,1\n', 'names no time'],
  ['a,b\n1\n', 'line 2 has 1 fields under 2 headings'],
  ['{"request_id":"a"}\n{"a":\n', 'line 2 is not JSON'],
  ['[1,2]', 'something else than objects'],
  ['{"a"', 'neither JSON lines nor one JSON document'],
])('%j is refused', async (text, why) => {
  const path = join(directory, 'refused');
  writeFileSync(path, text);
  const request = { path, format: 'generic', columns: new Map() } as const;
  await expect(reconcile(request, noAttempts, () => undefined)).rejects.toThrow(why);
});

test('bytes that are no UTF-8 are refused, and nothing is left behind', async () => {
  const temporary = join(directory, 'temporary');
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
  const path = join(directory, 'bytes');
  writeFileSync(path, Buffer.from([0x61, 0x2c, 0xff, 0x0a]));
  await expect(reconcile({ path, format: 'generic', columns: new Map() }, noAttempts, () => undefined)).rejects.toThrow(
    'UTF-8',
  );
  vi.unstubAllEnvs();
  expect(readdirSync(temporary)).toEqual([]);
});

test('a statement is named by what stands in it', async () => {
  const path = join(directory, 'named');
  writeFileSync(path, 'a');
  const name = await statementName('openai', path);
  expect(name).toMatch(/^openai\/[0-9a-f]{32}$/);
  writeFileSync(path, 'b');
  expect(await statementName('openai', path)).not.toBe(name);
});
