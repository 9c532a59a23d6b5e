import { MOCK_DIALECTS, type MockDialect } from '../upstreams/stream-mock.ts';

/** Who asks and who answers, by the dialects that they speak. */
export interface Lane {
  readonly name: LaneName;
  readonly client: MockDialect;
  readonly provider: MockDialect;
}

export type LaneName = `${MockDialect}→${MockDialect}`;

function laneOf(client: MockDialect, provider: MockDialect): Lane {
  return { name: `${client}→${provider}`, client, provider };
}

/** What one kind of client can be led to, the native lane first: there the bytes pass. In the others they are said anew. */
export interface LaneGroup {
  readonly client: MockDialect;
  readonly lanes: readonly Lane[];
}

export const GROUPS: readonly LaneGroup[] = MOCK_DIALECTS.map((client) => ({
  client,
  lanes: [client, ...MOCK_DIALECTS.filter((dialect) => dialect !== client)].map((each) => laneOf(client, each)),
}));

export const LANES: readonly Lane[] = GROUPS.flatMap(({ lanes }) => lanes);

/** A translated lane and the native one of the same client: what the client gets is the same in both. */
export interface LanePair {
  readonly client: MockDialect;
  readonly native: LaneName;
  readonly translated: LaneName;
}

export const PAIRS: readonly LanePair[] = GROUPS.flatMap(({ client, lanes }) =>
  lanes
    .filter(({ provider }) => provider !== client)
    .map(({ name: translated }) => ({ client, native: `${client}→${client}` as const, translated })),
);

/** What each lane has. */
export type PerLane<Value> = Readonly<Record<LaneName, Value>>;
