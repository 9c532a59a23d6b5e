import type { Draft } from '../../kernel/draft.ts';
import type { ReasoningEffort, ReasoningWish, ResponseFormat, Sampling } from '../../protocol/chat/call.ts';
import { MESSAGES, restOf } from '../../providers/anthropic/wire.ts';
import { numberIn as countIn, type Fields, isFields, textIn } from '../../providers/fields.ts';
import { numberIn, objectIn, refuseCall, textListIn } from './field-reader.ts';

export function readSampling(fields: Fields): Sampling {
  const sampling: Draft<Sampling> = {};
  const temperature = numberIn(fields, 'temperature', 0, 1);
  if (temperature !== undefined) sampling.temperature = temperature;
  const topP = numberIn(fields, 'top_p', 0, 1);
  if (topP !== undefined) sampling.topP = topP;
  const topK = numberIn(fields, 'top_k', 0, Number.MAX_SAFE_INTEGER);
  if (topK !== undefined) sampling.topK = topK;
  const stop = textListIn(fields, 'stop_sequences');
  if (stop !== undefined && stop.length > 0) sampling.stop = stop;
  return sampling;
}

const THINKING = new Set(['budget_tokens', 'display']);
const MODES = ['enabled', 'disabled', 'adaptive'] as const;
const EFFORTS: readonly ReasoningEffort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

/**
 * `thinking` and the effort of `output_config`. A `rest` says that the wish is
 * in this dialect's own words: an effort alone means something else in others.
 */
export function readReasoning(fields: Fields): ReasoningWish | undefined {
  const thinking = objectIn(fields, 'thinking');
  const effort = readEffort(fields);
  if (thinking === undefined && effort === undefined) return undefined;
  const wish: Draft<ReasoningWish> = {};
  if (effort !== undefined) wish.effort = effort;
  if (thinking === undefined) return { ...wish, rest: { dialect: MESSAGES, fields: {} } };
  const type = textIn(thinking, 'type') ?? refuseCall('thinking.type', 'Field required');
  const mode = MODES.find((name) => name === type);
  if (mode !== undefined) wish.mode = mode;
  if (mode === 'enabled')
    wish.budgetTokens = countIn(thinking, 'budget_tokens') ?? refuseCall('thinking.budget_tokens', 'Field required');
  const { display } = thinking;
  if (display === 'omitted') wish.show = 'none';
  else if (display === 'summarized') wish.show = 'summary';
  const rest = restOf(thinking, mode === undefined ? new Set() : new Set([...THINKING, 'type']));
  wish.rest = rest ?? { dialect: MESSAGES, fields: {} };
  return wish;
}

/** An effort that is not known stays where it was, for its own dialect. */
function readEffort(fields: Fields): ReasoningEffort | undefined {
  const effort = objectIn(fields, 'output_config')?.['effort'];
  return EFFORTS.find((name) => name === effort);
}

/** The schema of `output_config.format`, or of `output_format`, as it was called before. */
export function readResponseFormat(fields: Fields): ResponseFormat | undefined {
  const format = objectIn(fields, 'output_config')?.['format'] ?? fields['output_format'];
  if (!isFields(format) || format['type'] !== 'json_schema') return undefined;
  return { type: 'json-schema', schema: format['schema'] };
}

/** What remains of `output_config` after what is read of it. */
export function outputConfigRest(fields: Fields): Fields | undefined {
  const config = objectIn(fields, 'output_config');
  if (config === undefined) return undefined;
  const read = new Set<string>();
  if (readEffort(fields) !== undefined) read.add('effort');
  if (isFields(config['format']) && config['format']['type'] === 'json_schema') read.add('format');
  return restOf(config, read)?.fields;
}
