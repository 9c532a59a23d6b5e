import type { CallContext } from '../dialect.ts';
import type { SimChatModel } from '../models.ts';
import type { Seal } from '../seal.ts';

/** What a call's path and the dialect add to its body. */
export interface GenerateContext {
  readonly call: CallContext;
  readonly model: SimChatModel;
  readonly seal: Seal;
}
