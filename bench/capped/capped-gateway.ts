import { z } from 'zod';
import type { Processes } from '../harness/processes.ts';
import { type RunningLeeward, startLeeward } from '../subjects/leeward.ts';
import type { AnswerMock } from '../subjects/nginx.ts';
import type { Subject } from '../subjects/subject.ts';

/** Whose call it is: a key without any budget above it, or one with a cap on each of four levels. */
export const PAYERS = ['uncapped', 'capped'] as const;
export type Payer = (typeof PAYERS)[number];

/** What the mock's answer costs at the prices that the gateway has here, nano-USD: 19 × 150 + 36 × 600. */
export const CALL_NANO_USD = 24_450n;

/** Each a sub-key of the one before it, with a cap of its own. */
export const LEVELS = ['key', 'sub-key', 'its sub-key', 'and the sub-key of that'] as const;
/** More than a run can spend: what is measured is a call that is granted. */
const CAP = { per: 'month', hard_usd: '1000000' };

const createdKey = z.object({ id: z.string(), key: z.string(), budget: z.string().nullable() });
const amount = z.object({ nano_usd: z.string() });
const accounts = z.object({ data: z.array(z.object({ settled: amount, held: amount })) });

/** What one level of caps has on its accounts, nano-USD. */
export interface LevelBooks {
  readonly settled: bigint;
  readonly held: bigint;
}

/** One gateway and two keys: the same program, as warm, answers the calls of both. */
export class CappedGateway {
  readonly #leeward: RunningLeeward;
  readonly #keys: Readonly<Record<Payer, string>>;
  /** Of the levels, down to the key that calls. */
  readonly #budgets: readonly string[];

  private constructor(leeward: RunningLeeward, keys: Readonly<Record<Payer, string>>, budgets: readonly string[]) {
    this.#leeward = leeward;
    this.#keys = keys;
    this.#budgets = budgets;
  }

  /** @param env of the gateway: with `DATABASE_URL` its ledger is on a server */
  static async start(
    processes: Processes,
    folder: string,
    { mock, env }: { readonly mock: AnswerMock; readonly env: Readonly<Record<string, string>> },
  ): Promise<CappedGateway> {
    const leeward = await startLeeward(processes, folder, { calls: mock.port, streams: mock.port }, env);
    const make = async (body: object) => createdKey.parse(await leeward.admin('/admin/keys', body));
    const uncapped = await make({ name: 'uncapped' });
    const levels: z.output<typeof createdKey>[] = [];
    for (const name of LEVELS) levels.push(await make({ name, parent: levels.at(-1)?.id, cap: CAP }));
    const capped = levels.at(-1) ?? uncapped;
    const budgets = levels.flatMap(({ budget }) => budget ?? []);
    return new CappedGateway(leeward, { uncapped: uncapped.key, capped: capped.key }, budgets);
  }

  /** The gateway, called with one of the keys. */
  as(payer: Payer): Subject {
    const { subject } = this.#leeward;
    const headers = { authorization: `Bearer ${this.#keys[payer]}` };
    return { ...subject, calls: { ...subject.calls, headers }, streams: { ...subject.streams, headers } };
  }

  /** All windows together, level by level. */
  async books(): Promise<LevelBooks[]> {
    const levels: LevelBooks[] = [];
    for (const id of this.#budgets) {
      const { data } = accounts.parse(await this.#leeward.admin(`/admin/budgets/${id}/accounts`));
      const sum = (part: 'settled' | 'held') => data.reduce((total, one) => total + BigInt(one[part].nano_usd), 0n);
      levels.push({ settled: sum('settled'), held: sum('held') });
    }
    return levels;
  }

  stop(): Promise<void> {
    return this.#leeward.stop();
  }
}
