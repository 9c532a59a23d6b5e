import type { MockDialect } from '../upstreams/stream-mock.ts';

/** Who asks and who answers, by the dialects that they speak. */
export interface Lane {
  readonly name: LaneName;
  readonly client: MockDialect;
  readonly provider: MockDialect;
}

export type LaneName = `${MockDialect}→${MockDialect}`;

/** The native ones first: there the bytes pass. In the others they are said anew. */
export const LANES = [
  { name: 'chat→chat', client: 'chat', provider: 'chat' },
  { name: 'messages→messages', client: 'messages', provider: 'messages' },
  { name: 'chat→messages', client: 'chat', provider: 'messages' },
  { name: 'messages→chat', client: 'messages', provider: 'chat' },
] as const satisfies readonly Lane[];

/** The two lanes of one kind of client: what it gets is the same in both. */
export interface LanePair {
  readonly client: MockDialect;
  readonly native: LaneName;
  readonly translated: LaneName;
}

export const PAIRS = [
  { client: 'chat', native: 'chat→chat', translated: 'chat→messages' },
  { client: 'messages', native: 'messages→messages', translated: 'messages→chat' },
] as const satisfies readonly LanePair[];

/** What each lane has. */
export type PerLane<Value> = Readonly<Record<LaneName, Value>>;
