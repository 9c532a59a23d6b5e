import { GatewayError } from '../kernel/errors.ts';
import type { Loss } from '../protocol/chat/codec.ts';
import type { PlannedTarget } from '../routing/target.ts';

/** What of a client's request its target was not told. */
export interface Losses {
  readonly fields: readonly Loss[];
  /** So many more, which nobody has named. */
  readonly more: number;
}

export const NO_LOSSES: Losses = { fields: [], more: 0 };

/** Each loss, for people: a header line has room for so many, and no client reads more. */
const SHOWN_MAX = 20;
const SHOWN_CHARS_MAX = 2_048;
const REASON_CHARS_MAX = 160;

/** One entry for each loss, `field: reason`, as many as a header has room for. */
export function lossWarnings({ fields, more }: Losses): string[] {
  const shown: string[] = [];
  let chars = 0;
  for (const { field, reason } of fields) {
    const entry = `${printable(field)}: ${printable(reason).slice(0, REASON_CHARS_MAX)}`;
    chars += entry.length;
    if (shown.length === SHOWN_MAX || chars > SHOWN_CHARS_MAX) break;
    shown.push(entry);
  }
  const left = fields.length - shown.length + more;
  return left === 0 ? shown : [...shown, `and ${left} more`];
}

/** A field's name is the client's own text, and entries are told apart by semicolons. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]|;/g, '?');
}

/** Of a call that would rather be refused than lose something. */
export function lostField({ field, reason }: Loss, { provider, model }: PlannedTarget): GatewayError {
  return new GatewayError('unsupported_parameter', {
    message: `'${field}' would be lost on the way to ${provider.name}/${model}: ${reason}. Leave it out, or send the call without x-leeward-strict.`,
    param: field,
    retry: 'other-target',
  });
}
