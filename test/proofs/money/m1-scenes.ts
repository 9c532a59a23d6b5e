import type { Checks } from '../parts/checks.ts';
import { errorIn, type Told } from './caller.ts';
import type { House, MadeKey } from './house.ts';

const OUTPUT_NANO = 600n;
const TOKENS = 20;
const MORE = 7;
/** What is left pays for so many tokens: more than the least that is worth a call, fewer than any answer has by itself. */
const PAID_TOKENS = 25;

/** One call fits in, and the provider says more than it was allowed to: that is booked whole, and is the last. */
export async function proveOverrun(house: House, checks: Checks): Promise<void> {
  const cap = BigInt(TOKENS) * OUTPUT_NANO;
  const whole = BigInt(TOKENS + MORE) * OUTPUT_NANO;
  const { key, budget } = await cappedKey(house, 'm1 overrun', cap);
  await house.provider.faults([{ fault: { kind: 'overrun', tokens: MORE } }]);
  await house.provider.turnPage();
  const over = await call(house, key, { max_tokens: TOKENS });
  const next = await call(house, key, { max_tokens: TOKENS });
  await house.provider.faults([]);
  const [billed] = await house.provider.bill();
  const [line, ...more] = await house.settledLines(key);
  checks.that(
    `M1, overrun: ${MORE} tokens beyond the limit are booked whole, and marked`,
    over.status === 200 && more.length === 0 && line?.charge === whole && line.overrun,
    `${over.status}: ${line?.charge} of ${line?.hold}, billed ${billed?.cost_nano_usd}, overrun ${line?.overrun}`,
  );
  const [account] = await house.accountsOf(budget);
  const excess = (account?.settled ?? 0n) - cap;
  checks.that(
    'M1, overrun: the account is over by the exact excess',
    excess === whole - cap && billed?.cost_nano_usd === String(whole) && account?.held === 0n,
    `${excess} nano-USD`,
  );
  checks.that('M1, overrun: the next call is refused with 402', next.status === 402, said(next));
  const alerts = JSON.stringify(await house.admin('/admin/alerts'));
  checks.that('M1, overrun: it is alerted', alerts.includes('overrun'), alerts.slice(0, 160));
}

/** More is asked for than is left: the provider is told the bound that is paid for, and the client too. */
export async function proveClamp(house: House, checks: Checks): Promise<void> {
  for (const [name, asked] of [
    ['a bound above it', { max_tokens: 200 }],
    ['the newer bound', { max_completion_tokens: 4_000 }],
    ['no bound', {}],
    ['two answers', { max_tokens: 200, n: 2 }],
  ] as const) {
    const answers = 'n' in asked ? asked.n : 1;
    const paid = BigInt(PAID_TOKENS * answers) * OUTPUT_NANO;
    const { key, budget } = await cappedKey(house, `m1 clamp ${name}`, paid);
    await house.provider.turnPage();
    const told = await call(house, key, asked);
    const [billed] = await house.provider.bill();
    const [account] = await house.accountsOf(budget);
    const warned = told.headers['x-leeward-warnings']?.includes(String(PAID_TOKENS)) === true;
    checks.that(
      `M1, clamp, ${name}: what is left pays for ${PAID_TOKENS} tokens, and no more are made`,
      told.status === 200 && billed?.completion_tokens === PAID_TOKENS * answers && account?.settled === paid,
      `${said(told)}, ${billed?.completion_tokens} tokens made, ${account?.settled} of ${paid} settled`,
    );
    checks.that(`M1, clamp, ${name}: the client is told`, warned, told.headers['x-leeward-warnings'] ?? said(told));
  }
}

interface CappedKey {
  readonly key: MadeKey;
  readonly budget: string;
}

async function cappedKey(house: House, name: string, cap: bigint): Promise<CappedKey> {
  const key = await house.makeKey(name);
  return { key, budget: await house.capKey(key, cap) };
}

function call(house: House, { key }: MadeKey, asked: object): Promise<Told> {
  const messages = [{ role: 'user', content: 'How far is it to the next port?' }];
  return house.callers.call({ key, body: { model: 'flat/sim-small', messages, ...asked } });
}

function said(told: Told): string {
  return told.status === 200 || told.text === '' ? `${told.status}` : `${told.status} ${errorIn(told).code}`;
}
