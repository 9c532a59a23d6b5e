import type { Checks } from '../parts/checks.ts';
import type { Account } from './books.ts';
import { errorIn } from './caller.ts';
import type { House, MadeKey } from './house.ts';

const TOKENS = 20;
const MORE = 7;
const OUTPUT_NANO = 600n;
const CAP_NANO = BigInt(TOKENS) * OUTPUT_NANO;

/** One call fits in, and the provider says more than it was allowed to: that is booked whole, and is the last. */
export class Overrun {
  readonly budget = { name: 'm1-overrun', nano: CAP_NANO };
  readonly #house: House;
  readonly key: MadeKey;

  constructor(house: House, key: MadeKey) {
    this.#house = house;
    this.key = key;
  }

  async prove(checks: Checks): Promise<void> {
    const { provider } = this.#house;
    await provider.faults([{ fault: { kind: 'overrun', tokens: MORE } }]);
    await provider.turnPage();
    const over = await this.#call();
    const next = await this.#call();
    await provider.faults([]);
    const [billed] = await provider.bill();
    const [line, ...more] = await this.#house.settledLines(this.key);
    const whole = BigInt(TOKENS + MORE) * OUTPUT_NANO;
    checks.that(
      `M1, overrun: ${MORE} tokens beyond the limit are booked whole, and marked`,
      over.status === 200 &&
        more.length === 0 &&
        line?.charge === whole &&
        line.overrun &&
        billed?.cost_nano_usd === String(whole),
      `${over.status}: ${line?.charge} of ${line?.hold}, billed ${billed?.cost_nano_usd}, overrun ${line?.overrun}`,
    );
    const code = next.status === 200 ? '' : errorIn(next).code;
    checks.that('M1, overrun: the next call is refused with 402', next.status === 402, `${next.status} ${code}`);
    const alerts = JSON.stringify(await this.#house.admin('/admin/alerts'));
    checks.that('M1, overrun: it is alerted', alerts.includes('overrun'), alerts.slice(0, 200));
  }

  checkAccount(accounts: readonly Account[], checks: Checks): void {
    const account = accounts.find(({ budget }) => budget.endsWith(this.budget.name));
    const excess = (account?.settled ?? 0n) - CAP_NANO;
    checks.that(
      'M1, overrun: the account is over by the exact excess',
      excess === BigInt(MORE) * OUTPUT_NANO && account?.held === 0n,
      `${excess}`,
    );
  }

  #call() {
    const messages = [{ role: 'user', content: 'How far is it?' }];
    return this.#house.callers.call({
      key: this.key.key,
      body: { model: 'flat/sim-small', max_tokens: TOKENS, messages },
    });
  }
}
