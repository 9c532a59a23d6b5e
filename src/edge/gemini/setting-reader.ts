import type { Draft } from '../../kernel/draft.ts';
import type { ChatCall, ReasoningEffort, ReasoningWish, ResponseFormat, Sampling } from '../../protocol/chat/call.ts';
import type { Fields } from '../../providers/fields.ts';
import { GEMINI, restOf } from '../../providers/gemini/wire.ts';
import { flagIn, numericIn, objectIn, refuseCall, wholeIn, wordIn, wordsIn } from './field-reader.ts';
import { jsonSchemaOf } from './schema-reader.ts';

const PLACE = 'generationConfig.';
const KNOWN = new Set([
  'temperature',
  'topP',
  'topK',
  'candidateCount',
  'maxOutputTokens',
  'stopSequences',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'responseLogprobs',
  'logprobs',
  'responseModalities',
  'speechConfig',
  'thinkingConfig',
]);
const FORMAT = ['responseMimeType', 'responseSchema', 'responseJsonSchema'] as const;

/** All that `generationConfig` says, in a call's own words. */
export function readConfig(config: Fields, call: Draft<ChatCall>): void {
  call.sampling = readSampling(config);
  const outputTokensMax = wholeIn(config, 'maxOutputTokens', PLACE);
  if (outputTokensMax !== undefined) call.outputTokensMax = outputTokensMax;
  const reasoning = readReasoning(config);
  if (reasoning !== undefined) call.reasoning = reasoning;
  const responseFormat = readFormat(config);
  if (responseFormat !== undefined) call.responseFormat = responseFormat;
  const outputs = readOutputs(config);
  if (outputs !== undefined) call.outputs = outputs;
  const voice = objectIn(config, 'speechConfig', PLACE);
  if (voice !== undefined) call.voice = voice;
}

/** What of `generationConfig` no other dialect has a word for. */
export function configRest(config: Fields): Fields | undefined {
  const format: readonly string[] = readFormat(config) === undefined ? [] : FORMAT;
  return restOf(config, new Set([...KNOWN, ...format]))?.fields;
}

function readSampling(config: Fields): Sampling {
  const sampling: Draft<Sampling> = {};
  const put = (name: NumberName, value: number | undefined) => {
    if (value !== undefined) sampling[name] = value;
  };
  put('temperature', numericIn(config, 'temperature', PLACE, [0, 2]));
  put('topP', numericIn(config, 'topP', PLACE, [0, 1]));
  put('topK', numericIn(config, 'topK', PLACE, [0, Number.MAX_SAFE_INTEGER]));
  put('presencePenalty', numericIn(config, 'presencePenalty', PLACE, [-2, 2]));
  put('frequencyPenalty', numericIn(config, 'frequencyPenalty', PLACE, [-2, 2]));
  put('seed', numericIn(config, 'seed', PLACE));
  put('choices', wholeIn(config, 'candidateCount', PLACE, 1));
  const alternatives = wholeIn(config, 'logprobs', PLACE);
  if (flagIn(config, 'responseLogprobs', PLACE) === true) put('logprobs', alternatives ?? 0);
  const stop = wordsIn(config, 'stopSequences', PLACE);
  if (stop !== undefined && stop.length > 0) sampling.stop = stop;
  return sampling;
}

type NumberName =
  | 'temperature'
  | 'topP'
  | 'topK'
  | 'presencePenalty'
  | 'frequencyPenalty'
  | 'seed'
  | 'choices'
  | 'logprobs';

const THINKING = new Set(['includeThoughts', 'thinkingBudget', 'thinkingLevel']);
const LEVELS: readonly ReasoningEffort[] = ['minimal', 'low', 'medium', 'high'];

/** A budget of 0 is not to think, and -1 as much as the model sees fit. A `rest` says that the wish is in this dialect's own words. */
function readReasoning(config: Fields): ReasoningWish | undefined {
  const thinking = objectIn(config, 'thinkingConfig', PLACE);
  if (thinking === undefined) return undefined;
  const place = `${PLACE}thinkingConfig.`;
  const shown = flagIn(thinking, 'includeThoughts', place) === true;
  const wish: Draft<ReasoningWish> = { show: shown ? 'summary' : 'none' };
  const said = wordIn(thinking, 'thinkingLevel', place)?.toLowerCase();
  const level = LEVELS.find((name) => name === said);
  if (level !== undefined) wish.effort = level;
  const budget = numericIn(thinking, 'thinkingBudget', place, [-1, Number.MAX_SAFE_INTEGER]);
  if (budget === 0) wish.mode = 'disabled';
  else if (budget === -1) wish.mode = 'adaptive';
  else if (budget !== undefined) {
    wish.mode = 'enabled';
    wish.budgetTokens = budget;
  }
  const unspecified = said === undefined || said === 'thinking_level_unspecified';
  const known = level === undefined && !unspecified ? without(THINKING, 'thinkingLevel') : THINKING;
  wish.rest = restOf(thinking, known) ?? { dialect: GEMINI, fields: {} };
  return wish;
}

function without(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return new Set([...names].filter((each) => each !== name));
}

/** JSON of a schema, JSON of any form, or text; another type of text has no word elsewhere. */
function readFormat(config: Fields): ResponseFormat | undefined {
  const type = wordIn(config, 'responseMimeType', PLACE);
  if (type === 'text/plain' || type === '') return { type: 'text' };
  if (type !== 'application/json') return undefined;
  const { responseJsonSchema: schema, responseSchema: own } = config;
  if (schema !== undefined && schema !== null) return { type: 'json-schema', schema };
  if (own !== undefined && own !== null) return { type: 'json-schema', schema: jsonSchemaOf(own) };
  return { type: 'json' };
}

const OUTPUTS: Readonly<Record<string, 'text' | 'audio' | 'image'>> = { TEXT: 'text', AUDIO: 'audio', IMAGE: 'image' };

function readOutputs(config: Fields): ChatCall['outputs'] {
  const said = wordsIn(config, 'responseModalities', PLACE)?.filter((each) => each !== 'MODALITY_UNSPECIFIED');
  if (said === undefined || said.length === 0) return undefined;
  return said.map(
    (each, at) =>
      OUTPUTS[each.toUpperCase()] ?? refuseCall(`${PLACE}responseModalities[${at}]`, 'must be TEXT, AUDIO or IMAGE'),
  );
}
