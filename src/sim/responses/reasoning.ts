import type { SimChatModel } from '../models.ts';
import { refusal, StrictFields } from './fields.ts';

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
const SUMMARIES = ['auto', 'concise', 'detailed'] as const;

/** How the answer is to think. */
export interface Reasoning {
  /** Absent: as the model does by itself. */
  readonly effort: (typeof EFFORTS)[number] | undefined;
  readonly summary: (typeof SUMMARIES)[number] | undefined;
  /** The most and the least it thinks; absent: not at all. */
  readonly tokens: { readonly min: number; readonly max: number } | undefined;
}

/** What models think that only do so when asked. */
const ASKED_TOKENS = { min: 24, max: 80 };
/** The one value that is taken everywhere. */
const USUAL = 1;
const SHARES: Readonly<Record<string, number>> = { minimal: 0.25, low: 0.5, medium: 1, high: 1.5, xhigh: 2, max: 3 };

/** A reasoning model thinks unless it is told not to; the others when they are asked. @throws OpenAiRefusal */
export function readReasoning(fields: StrictFields, model: SimChatModel): Reasoning {
  const object = fields.object('reasoning');
  const reasoning = new StrictFields(object ?? {}, 'reasoning').mayHave('context', 'mode');
  const effort = reasoning.oneOf('effort', EFFORTS);
  const summary = reasoning.oneOf('summary', SUMMARIES) ?? reasoning.oneOf('generate_summary', SUMMARIES);
  reasoning.end();
  const asked = effort !== undefined || summary !== undefined;
  const range = model.reasoningTokens ?? (asked ? ASKED_TOKENS : undefined);
  if (effort === 'none' || range === undefined) return { effort, summary, tokens: undefined };
  const share = SHARES[effort ?? 'medium'] ?? 1;
  const tokens = { min: Math.ceil(range.min * share), max: Math.ceil(range.max * share) };
  return { effort, summary, tokens };
}

/** @throws the 400 for what cannot be had of a model that reasons */
export function refuseSampling(fields: StrictFields, { effort }: Reasoning, model: SimChatModel): void {
  const given = [
    ['temperature', fields.decimal('temperature', { min: 0, max: 2 })],
    ['top_p', fields.decimal('top_p', { min: 0, max: 1 })],
  ] as const;
  if (model.reasoningTokens === undefined || effort === 'none') return;
  for (const [name, value] of given) {
    if (value === undefined || value === USUAL) continue;
    throw refusal(`Unsupported parameter: '${name}' is not supported with this model.`, name, 'unsupported_parameter');
  }
}
