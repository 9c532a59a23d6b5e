import type { Draft } from '../../kernel/draft.ts';
import type { Usage } from '../../protocol/usage.ts';
import { responsesToolFees } from '../openai/tool-fees.ts';
import { readUsage } from '../openai/usage.ts';
import type { WireObject } from '../openai/wire.ts';

/** What an answer used: its usage object counts tokens, and its items what its hosted tools did. */
export function responseUsage(response: WireObject): Usage | undefined {
  const usage: Draft<Usage> | undefined = readUsage(response['usage'], response);
  if (usage === undefined) return undefined;
  const fees = responsesToolFees(response['output']);
  return fees === undefined ? usage : { ...usage, quantities: { ...usage.quantities, ...fees } };
}
