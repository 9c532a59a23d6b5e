import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from '../../../faults/harness/at-exit.ts';
import { ask } from '../../../faults/harness/http-json.ts';
import type { Route } from '../../../src/edge/http/routes.ts';
import type { Checks } from '../parts/checks.ts';
import { errorIn } from './caller.ts';
import { House, type MadeKey } from './house.ts';
import { costProblems } from './lines.ts';
import type { Part } from './part.ts';
import { callOverSocket } from './socket-caller.ts';

type KnownRoute = Pick<Route, 'method' | 'path' | 'guard' | 'metering'>;

interface Sample {
  /** Which of the house's providers takes it, and which one has no price for it. Absent: the usual ones. */
  readonly takers?: readonly [priced: string, unpriced: string];
  readonly model: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const CONTENT = { parts: [{ text: 'Is it metered?' }] };
const GOOGLES = ['google', 'google-unpriced'] as const;
const GENERATED: Sample = {
  takers: GOOGLES,
  model: 'sim-small',
  body: { contents: [CONTENT], generationConfig: { maxOutputTokens: 16 } },
};

/** Gemini's methods behind one way to name a model, which the path does. */
function gemini(models: string): Record<string, Sample> {
  return {
    [`${models}:generateContent`]: GENERATED,
    [`${models}:streamGenerateContent`]: GENERATED,
    [`${models}:embedContent`]: { takers: GOOGLES, model: 'sim-embed', body: { content: CONTENT } },
    [`${models}:batchEmbedContents`]: {
      takers: GOOGLES,
      model: 'sim-embed',
      body: { requests: [{ model: 'models/any', content: CONTENT }] },
    },
  };
}

/** What a call of each metered route may look like. A route without a sample fails: whoever adds one adds the other. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  '/v1/chat/completions': {
    model: 'sim-small',
    body: { max_tokens: 16, messages: [{ role: 'user', content: 'Is it metered?' }] },
  },
  '/v1/messages': {
    model: 'sim-small',
    body: { max_tokens: 16, messages: [{ role: 'user', content: 'Is it metered?' }] },
  },
  '/v1/responses': {
    takers: ['native', 'native-unpriced'],
    model: 'sim-small',
    body: { max_output_tokens: 16, input: 'Is it metered?' },
  },
  '/v1/responses/compact': {
    takers: ['known', 'native-unpriced'],
    model: 'gpt-4o-mini',
    body: { input: 'Is it metered?' },
  },
  '/v1/completions': { model: 'sim-small', body: { max_tokens: 16, prompt: 'It is' } },
  '/v1/embeddings': { model: 'sim-embed', body: { input: 'as metered as the others are' } },
  ...gemini('/v1beta/models/{model+}'),
  ...gemini('/v1/models/{model+}'),
  ...gemini('/v1beta/{model+}'),
};

/** A route's path and body for a model, which is named by one of the two. */
function asked(path: string, model: string, body: Sample['body']): { path: string; body: Sample['body'] } {
  return path.includes('{') ? { path: path.replace(/\{[^}]*\}/, model), body } : { path, body: { ...body, model } };
}

/** Every route of the running gateway's own table: one that reaches a provider has a line, a price and a cap. */
export const m14: Part = {
  title: 'every route that reaches a provider is metered, and the others reach none',
  kind: 'own',
  async prove(ground, checks) {
    const folder = mkdtempSync(join(tmpdir(), 'leeward-routes-'));
    const remove = undoAtExit(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'routes.json');
    const hooks = ['--import', './test/proofs/security/routes-hook.ts'];
    await using house = await House.start({ ...ground, hooks, env: { LEEWARD_PROOF_ROUTES: path } });
    const routes = JSON.parse(readFileSync(path, 'utf8')) as KnownRoute[];
    remove();
    const metered = routes.filter(({ metering }) => metering !== 'none' && metering !== 'free');
    const others = routes.filter(({ metering }) => metering === 'none');
    checks.that('M14: the table says of every route what it is metered as', metered.length > 0 && others.length > 0);
    checks.none(
      'M14: each metered route has a sample here',
      metered.filter(({ path: one }) => SAMPLES[one] === undefined).map(({ method, path: one }) => `${method} ${one}`),
      metered.map(({ path: one }) => one).join(', '),
    );
    for (const route of metered) await proveMetered(house, route, checks);
    await proveFree(
      house,
      routes.filter(({ metering }) => metering === 'free'),
      checks,
    );
    await proveOthers(house, others, checks);
    return { 'M14: routes, metered': `${routes.length}, ${metered.length}` };
  },
};

/** Google has no status for what is not paid. */
const REFUSED: ReadonlySet<string> = new Set(['402 budget_exceeded', '400 budget_exceeded']);

async function proveMetered(house: House, { path: at, method }: KnownRoute, checks: Checks): Promise<void> {
  const sample = SAMPLES[at];
  if (sample === undefined) return;
  const overSocket = method === 'GET';
  const path = overSocket ? `${at} over a socket` : at;
  const rich = await house.makeKey(`m14 rich ${path}`);
  const poor = await house.makeKey(`m14 poor ${path}`);
  const name = path.replaceAll(/[^a-z]+/g, '-');
  await house.addBudgets({
    [`m14-rich${name}`]: { scope: { key: rich.id }, per: 'lifetime', hard: '1' },
    [`m14-poor${name}`]: { scope: { key: poor.id }, per: 'lifetime', hard: '0.00000002' },
  });
  await house.provider.turnPage();
  const call = (key: MadeKey, provider: string) => {
    const wish = { key: key.key, ...asked(at, `${provider}/${sample.model}`, sample.body) };
    return overSocket ? callOverSocket(house.url, wish) : house.callers.call(wish);
  };
  const [taker, unpricedTaker] = sample.takers ?? ['up', 'unpriced'];
  const paid = await call(rich, taker);
  const lines = await house.settledLines(rich);
  const bill = await house.provider.bill();
  checks.that(
    `M14, ${path}: a call has one line at the price that was billed`,
    paid.status === 200 && bill.length === 1 && lines.length === 1 && costProblems(bill, lines).length === 0,
    [`${paid.status}`, ...costProblems(bill, lines)].join(' '),
  );
  const spent = lines[0]?.charge;
  checks.that(
    `M14, ${path}: it takes a hold and is charged`,
    lines[0]?.hold !== undefined && spent !== undefined && spent > 0n,
    `${spent}`,
  );
  const refused = await call(poor, taker);
  const unpriced = await call(rich, unpricedTaker);
  const codes = [refused, unpriced].map((told) => `${told.status} ${told.status === 200 ? '' : errorIn(told).code}`);
  const calls = await house.provider.asked();
  checks.that(
    `M14, ${path}: without money, or without a price, it goes nowhere`,
    REFUSED.has(codes[0] ?? '') && codes[1]?.endsWith('price_unknown') === true && calls === 1,
    `${codes.join(', ')}; ${calls} call upstream`,
  );
}

/** Whoever says that it costs nothing is asked by a key that has nothing left, and leaves no line and no hold. */
async function proveFree(house: House, routes: readonly KnownRoute[], checks: Checks): Promise<void> {
  const broke = await house.makeKey('m14 broke');
  await house.addBudgets({ 'm14-broke': { scope: { key: broke.id }, per: 'lifetime', hard: '0.00000002' } });
  await house.provider.turnPage();
  const answers: string[] = [];
  for (const { path } of routes) {
    const said = 'Is it free?';
    const body = { messages: [{ role: 'user', content: said }], input: said };
    const call = path.includes('{')
      ? asked(path, 'google/sim-small', { contents: [{ parts: [{ text: said }] }] })
      : asked(path, 'up/sim-small', body);
    const { status } = await house.callers.call({ key: broke.key, ...call });
    answers.push(`${path}: ${status}`);
  }
  const lines = await house.settledLines(broke);
  const bill = await house.provider.bill();
  checks.that(
    'M14: a route that is free answers whoever has no money, and nothing is booked or billed',
    routes.length > 0 && answers.every((answer) => answer.endsWith(' 200')) && lines.length === 0 && bill.length === 0,
    `${answers.join(', ')}; ${lines.length} lines, ${bill.length} billed`,
  );
}

/** Whoever says that it reaches no provider is asked with all that could make it reach one. */
async function proveOthers(house: House, routes: readonly KnownRoute[], checks: Checks): Promise<void> {
  const { key } = await house.makeKey('m14 others');
  await house.provider.turnPage();
  for (const { method, path, guard } of routes) {
    const bearer = guard === 'key' || guard === 'open' ? key : house.adminToken;
    const url = `${house.url}${path.replace(/\{[^}]*\}/, 'up%2Fsim-small')}`;
    const bodies = Object.values(SAMPLES).map(({ model, body }) => ({ ...body, model: `up/${model}` }));
    for (const body of method === 'POST' ? bodies : [undefined]) {
      await ask(url, { method, bearer, ...(body === undefined ? {} : { body }) });
    }
  }
  const asked = await house.provider.asked();
  checks.that(
    'M14: the other routes reach no provider',
    asked === 0 && routes.length > 0,
    `${routes.length} routes, ${asked} calls`,
  );
}
