import { pause } from '../../../faults/harness/waiting.ts';
import type { House, MadeKey } from './house.ts';
import { words } from './house.ts';
import type { Line } from './lines.ts';
import { bySize, type Part } from './part.ts';

const TOKENS = 20;
const EVENT_MS = 50;
/** A call under way takes a second; the price changes in the middle of it. */
const MIDDLE_MS = 400;
const OLD = { input: 150n, output: 600n };
const NEW = { input: 300n, output: 1_800n };
const CALLS = 6;

/** A price that changes while calls run: each is priced as it was when it was admitted, here as at the provider. */
export const m12: Part = {
  title: 'a price that changes under a call is the one of its beginning',
  kind: 'shared',
  async prove(house, checks, size) {
    const changes = bySize(size, { full: 5, quick: 2, sabotaged: 1 });
    const key = await house.makeKey('m12');
    await house.addBudgets({ m12: { scope: { key: key.id }, per: 'lifetime', hard: '1' } });
    await house.provider.faults([{ fault: { kind: 'slow-stream', intervalMs: EVENT_MS } }]);
    await house.provider.turnPage();
    const before = house.config;
    const old: Promise<string[]>[] = [];
    const later: Promise<string[]>[] = [];
    for (let change = 0; change < changes; change++) {
      old.push(callSome(house, key));
      await pause(MIDDLE_MS);
      await house.provider.prices([{ model: 'sim-small', from: Date.now(), ...pico(NEW) }]);
      await house.reload({ ...before, providers: dearer(before) });
      later.push(callSome(house, key));
      await Promise.all([...old, ...later]);
      await house.provider.prices([
        { model: 'sim-small', from: 0, ...pico(NEW) },
        { model: 'sim-small', from: Date.now(), ...pico(OLD) },
      ]);
      await house.reload(before);
    }
    await house.provider.faults([]);
    const lines = await house.settledLines(key);
    const cheap = new Set((await Promise.all(old)).flat());
    const dear = new Set((await Promise.all(later)).flat());
    const priced = (ids: ReadonlySet<string>, price: typeof OLD) => (line: Line) => {
      const byHand = BigInt(line.inputTokens ?? 0) * price.input + BigInt(line.outputTokens ?? 0) * price.output;
      return !ids.has(line.callId) || (line.cost === byHand && line.charge === byHand)
        ? []
        : [`${line.id}: ${line.cost}, charged ${line.charge}, by hand ${byHand}`];
    };
    const of = (ids: ReadonlySet<string>) => lines.filter(({ callId }) => ids.has(callId));
    checks.each('M12: a call under way keeps the old price', of(cheap), priced(cheap, OLD));
    checks.each('M12: a call after the change has the new one', of(dear), priced(dear, NEW));
    checks.that('M12: every call has its line', lines.length === cheap.size + dear.size, `${lines.length}`);
    await house.provider.prices([]);
    return { 'M12: changes, calls': `${changes}, ${lines.length}` };
  },
};

function pico({ input, output }: typeof OLD) {
  return { input: input * 1_000n, cached: input * 500n, output: output * 1_000n };
}

function dearer(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const providers = config['providers'] as Record<string, { prices?: object }>;
  const prices = { ...providers['up']?.prices, 'sim-small': words('0.30', '0.15', '1.80') };
  return { ...providers, up: { ...providers['up'], prices } };
}

/** @returns their ids */
async function callSome(house: House, { key }: MadeKey): Promise<string[]> {
  const messages = [{ role: 'user', content: 'What is the price of salt?' }];
  const body = { model: 'up/sim-small', max_tokens: TOKENS, stream: true, messages };
  const told = await Promise.all(Array.from({ length: CALLS }, () => house.callers.call({ key, body })));
  const bad = told.find(({ status }) => status !== 200);
  if (bad !== undefined) throw new Error(`M12: a call was answered ${bad.status}: ${bad.text.slice(0, 200)}`);
  return told.map(({ callId }) => callId);
}
