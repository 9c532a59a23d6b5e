import type { Draft } from '../../kernel/draft.ts';
import type { Quantities, Quantity, Usage } from '../../protocol/usage.ts';
import { at, putQuantity } from '../../protocol/usage-fields.ts';

/** Items of an OpenAI Responses `output` that cost a fee of their own. Opening a page that was found costs none. */
const FEES: Readonly<Record<string, Quantity>> = {
  web_search_call: 'web-searches',
  file_search_call: 'file-searches',
  code_interpreter_call: 'code-executions',
};

/** What hosted tools did for a Responses answer; its usage object does not count them. */
export function responsesToolFees(output: unknown): Quantities | undefined {
  if (!Array.isArray(output)) return undefined;
  const usage: Draft<Usage> = {};
  for (const item of output) {
    const type = String(at(item, 'type'));
    const action = at(item, 'action', 'type');
    const fee = Object.hasOwn(FEES, type) ? FEES[type] : undefined;
    if (fee !== undefined && (action === undefined || action === 'search')) putQuantity(usage, fee, 1);
  }
  return usage.quantities;
}
