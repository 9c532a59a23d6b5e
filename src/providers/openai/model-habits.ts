import type { ReasoningEffort } from '../../protocol/chat/call.ts';

/*
 * What OpenAI's models are known to refuse, by their names, which may stand
 * behind a vendor's (`openai/gpt-5`): nothing in the dialect tells it. Read on
 * 2026-11-21 in the API's own refusals as developers quote them ("Unsupported
 * parameter: 'stop' is not supported with this model.", "Unsupported value:
 * 'temperature' does not support 0.1 with this model. Only the default (1)
 * value is supported."), and on
 * https://learn.microsoft.com/en-us/javascript/api/@azure/ai-projects/reasoningeffort
 */

const THINKING = /^(?:.*\/)?(?:o[1-9](?:-|$)|gpt-(?:5|5\.\d+|[6-9]|[6-9]\.\d+)(?!-chat)(?:-|$))/i;
/** GPT-5.1 and later think only when they are asked to; their coding and pro models always do. */
const UNASKED = /^(?:.*\/)?gpt-5\.[1-9]\d*(?!.*-(?:pro|codex|chat))(?:-|$)/i;
const XHIGH = /^(?:.*\/)?gpt-(?:5\.(?:[2-9]|\d\d)|5\.1-codex-max|[6-9])/i;
const MAX = /^(?:.*\/)?gpt-(?:5\.(?:[6-9]|\d\d)|[6-9])/i;

/** Whether a model is known to think before it answers, if only when it is asked to. */
export function isThinking(model: string): boolean {
  return THINKING.test(model);
}

/** Models that stop at no sequence of the client's. */
export function refusesStop(model: string): boolean {
  return THINKING.test(model);
}

/** Models that, asked for this effort or for none in particular, choose their words as they see fit. */
export function refusesSampling(model: string, effort: ReasoningEffort | undefined): boolean {
  return THINKING.test(model) && !(UNASKED.test(model) && (effort === undefined || effort === 'none'));
}

/** Whether a model can be told not to think. */
export function takesNoEffort(model: string): boolean {
  return UNASKED.test(model);
}

/** The highest effort that a model is known to take. */
export function mostEffort(model: string): 'high' | 'xhigh' | 'max' {
  if (MAX.test(model)) return 'max';
  return XHIGH.test(model) ? 'xhigh' : 'high';
}
