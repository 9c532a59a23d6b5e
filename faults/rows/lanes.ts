import type { ClientDialect } from '../harness/dialects.ts';
import type { Row } from '../row.ts';
import { type CallCase, callRow, type Expectation } from './call-row.ts';

type ProviderDialect = 'chat' | 'messages' | 'responses' | 'gemini';

/** Which dialect the client speaks, and which one the provider. */
export interface Lane {
  readonly name: string;
  readonly client: ClientDialect;
  readonly provider: ProviderDialect;
}

const NAMES: Readonly<Record<ClientDialect, string>> = {
  chat: 'chat',
  messages: 'Messages',
  responses: 'Responses',
  gemini: 'Gemini',
  'gemini-array': 'Gemini array',
};

/** The simulator under the name of a provider that speaks only that dialect; with `-quick` one of little patience. */
const SIMS: Readonly<Record<ProviderDialect, string>> = {
  chat: 'sim1',
  messages: 'claude',
  responses: 'gpt',
  gemini: 'google',
};

function lane(client: ClientDialect, provider: ProviderDialect): Lane {
  const name = isNative({ client, provider }) ? NAMES[client] : `${NAMES[client]} → ${NAMES[provider]}`;
  return { name, client, provider };
}

/** Whether the provider is spoken to in the client's own dialect. */
export function isNative({ client, provider }: Pick<Lane, 'client' | 'provider'>): boolean {
  return client === provider || (client === 'gemini-array' && provider === 'gemini');
}

/** Every dialect as the client's and as the provider's, natively and translated; chat's native lane has rows of its own. */
const LANES: readonly Lane[] = [
  lane('messages', 'messages'),
  lane('responses', 'responses'),
  lane('gemini', 'gemini'),
  lane('gemini-array', 'gemini'),
  lane('messages', 'chat'),
  lane('chat', 'messages'),
  lane('responses', 'gemini'),
  lane('gemini', 'responses'),
];

const KINDS: readonly ProviderDialect[] = ['chat', 'messages', 'responses', 'gemini'];

/** The other pairs of two dialects, for the faults whose bytes each of them writes in its own way. */
const OTHER_PAIRS: readonly Lane[] = KINDS.flatMap((client) =>
  KINDS.filter((provider) => provider !== client).map((provider) => lane(client, provider)),
).filter(({ name }) => !LANES.some((known) => known.name === name));

export interface LaneCase extends Omit<CallCase, 'client' | 'model' | 'expect'> {
  readonly expect: Expectation | ((lane: Lane) => Expectation);
  /** Which lanes show it; all by default. */
  readonly only?: (lane: Lane) => boolean;
  /** `sim-large` takes its time between two events. */
  readonly model?: 'sim-small' | 'sim-large';
  /** With all pairs, not only those in which each dialect comes once on each side. */
  readonly everyPair?: true;
}

/** The same call in each lane; `quick` for the provider that has little patience. */
export function everyLane(facts: LaneCase, patience: 'sim' | 'quick' = 'sim'): Row[] {
  const { everyPair, expect, only = () => true, model = 'sim-small', ...call } = facts;
  const lanes = everyPair === true ? [...LANES, ...OTHER_PAIRS] : LANES;
  const shown = lanes.filter((each) => only(each) && (call.streamed || each.client !== 'gemini-array'));
  return shown.map((each) => {
    const expected = typeof expect === 'function' ? expect(each) : expect;
    return callRow({
      ...call,
      fault: `${each.name}: ${call.fault}`,
      client: each.client,
      model: `${SIMS[each.provider]}${patience === 'quick' ? '-quick' : ''}/${model}`,
      expect: asVendorSays(each, expected),
    });
  });
}

/** The APIs of Anthropic and Google have no 502: a failure behind them is an internal one. */
function asVendorSays({ client, provider }: Lane, expect: Expectation): Expectation {
  const status = expect.status === 502 && client !== 'chat' && client !== 'responses' ? 500 : expect.status;
  // Gemini says with every piece what was used so far.
  const usage = expect.usage || (provider === 'gemini' && expect.status === 200 && expect.terminal === 'error');
  return { ...expect, status, usage };
}
