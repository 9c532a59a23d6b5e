/*
 * What Gemini's models take, by their names, which may stand behind a vendor's
 * or a path (`google/gemini-3-pro`): nothing in the dialect tells it. A name
 * that is not known is taken for a later model's, and no setting is kept from
 * it. Read on 2026-11-22 on ai.google.dev/gemini-api/docs (thinking,
 * thought-signatures, function-calling, file-input-methods) and in the API's
 * refusals as developers quote them ("Penalty is not enabled for this model",
 * "Logprobs is not enabled for models/gemini-2.5-pro", "Multiple candidates is
 * not enabled for this model", "Unknown name \"id\" at … function_call").
 */

const VERSION = /gemini-(\d{1,2})(?:\.(\d{1,2}))?(?:-|$)/i;
/** Models beside Gemini's that speak its dialect. */
const OTHERS = /(?:^|\/)(?:gemma|learnlm)/i;
/** Models of the second generation that draw or speak, and do not think before they do. */
const MAKERS = /-(?:image|tts|native-audio)(?:-|$)/i;

/** How a model is told how much to think. */
export type ThinkingForm = 'level' | 'budget' | 'none';

export interface ModelHabits {
  readonly thinking: ThinkingForm;
  /** Takes a number of tokens for its thoughts as well as a level. */
  readonly eitherForm: boolean;
  /** Of a budget: the least above nothing, the most, and whether there may be nothing. */
  readonly budget: { readonly min: number; readonly max: number; readonly off: boolean };
  /** Of a level: the least. */
  readonly leastLevel: 'minimal' | 'low';
  /** Refuses a turn whose calls do not bear the signature of the thought that led to them. */
  readonly checksSignatures: boolean;
  /** Tells calls apart by ids, and not by their order alone. */
  readonly callIds: boolean;
  /** Reads pictures and documents in the result of a function. */
  readonly mediaInResults: boolean;
  readonly fetchesAddresses: boolean;
  readonly penalties: boolean;
  readonly logprobs: boolean;
  readonly manyCandidates: boolean;
  /** Keeps to a schema, or to JSON, where it has functions to call too. */
  readonly jsonBesideTools: boolean;
}

export function modelHabits(model: string): ModelHabits {
  const version = versionOf(model);
  const later = version === undefined ? !OTHERS.test(model) : version >= 300;
  const known = version ?? 0;
  const pro = /-pro(?:-|$)/i.test(model);
  return {
    thinking: later ? 'level' : known >= 205 && !MAKERS.test(model) ? 'budget' : 'none',
    eitherForm: later && version === undefined,
    budget: budgetOf(model, pro),
    leastLevel: pro ? 'low' : 'minimal',
    checksSignatures: later,
    callIds: later,
    mediaInResults: later,
    fetchesAddresses: later || known >= 205,
    penalties: known < 205,
    logprobs: known < 205,
    manyCandidates: known < 300,
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
