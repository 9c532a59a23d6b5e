import type { JsonMember } from '../../kernel/json-members.ts';

/** A request's bytes, where its members stand in them, and what they say. */
export interface ReadBody {
  readonly body: Buffer;
  readonly members: readonly JsonMember[];
  readonly fields: Readonly<Record<string, unknown>>;
}
