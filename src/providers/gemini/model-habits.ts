/*
 * What Gemini's models take, by their names, which may stand behind a vendor's
 * or a path (`google/gemini-3-pro`): nothing in the dialect tells it. A name
 * that is not known is taken for a later model. Read on 2026-11-22 on
 * ai.google.dev/gemini-api/docs (thinking, thought-signatures, function-calling,
 * file-input-methods) and in the API's refusals as developers quote them
 * ("Penalty is not enabled for this model").
 */

const VERSION = /gemini-(\d{1,2})(?:\.(\d{1,2}))?(?:-|$)/i;
/** Models of the family that are none of Gemini's. */
const OTHERS = /(?:^|\/)(?:gemma|learnlm|palm|text-bison|chat-bison)/i;

/** How a model is told how much to think. */
export type ThinkingForm = 'level' | 'budget' | 'none';

export interface ModelHabits {
  readonly thinking: ThinkingForm;
  /** Of a budget: the least above nothing, the most, and whether there may be nothing. */
  readonly budget: { readonly min: number; readonly max: number; readonly off: boolean };
  /** Of a level: the least. */
  readonly leastLevel: 'minimal' | 'low';
  /** Refuses a turn whose calls do not bear the signature of the thought that led to them. */
  readonly checksSignatures: boolean;
  /** Reads pictures and documents in the result of a function. */
  readonly mediaInResults: boolean;
  readonly fetchesAddresses: boolean;
  readonly penalties: boolean;
  /** Keeps to a schema, or to JSON, where it has functions to call too. */
  readonly jsonBesideTools: boolean;
}

export function modelHabits(model: string): ModelHabits {
  const version = versionOf(model);
  const later = version === undefined ? !OTHERS.test(model) : version >= 300;
  const thinks = later || (version !== undefined && version >= 205);
  const pro = /-pro(?:-|$)/i.test(model);
  return {
    thinking: later ? 'level' : thinks ? 'budget' : 'none',
    budget: budgetOf(model, pro),
    leastLevel: pro ? 'low' : 'minimal',
    checksSignatures: later,
    mediaInResults: later,
    fetchesAddresses: thinks,
    penalties: !thinks,
    jsonBesideTools: later,
  };
}

/** Hundred times the generation: 205 is Gemini 2.5. */
function versionOf(model: string): number | undefined {
  const found = VERSION.exec(model);
  if (found === null) return undefined;
  return Number(found[1]) * 100 + Number(found[2] ?? 0);
}

function budgetOf(model: string, pro: boolean): ModelHabits['budget'] {
  if (pro) return { min: 128, max: 32_768, off: false };
  return { min: /flash-lite/i.test(model) ? 512 : 1, max: 24_576, off: true };
}
