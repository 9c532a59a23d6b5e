import type { SimChatModel, SimModel } from '../models.ts';
import { OpenAiRefusal } from './errors.ts';
import { type Fields, wrongType, wrongValue } from './fields.ts';

/** What chat and legacy completions have in common. */
export interface Sampling {
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly choices: number;
  /** The most completion tokens asked for, hidden reasoning included. Absent: as long as it comes. */
  readonly tokensMax?: number;
  readonly stops: readonly string[];
  /** The request's own `seed`. */
  readonly seed?: number;
}

const CHOICES_MAX = 128;
const STOPS_MAX = 4;

export function readSampling(fields: Fields, model: SimChatModel, tokensMaxDefault?: number): Sampling {
  fields.decimal('temperature', { min: 0, max: 2 });
  fields.decimal('top_p', { min: 0, max: 1 });
  fields.decimal('presence_penalty', { min: -2, max: 2 });
  fields.decimal('frequency_penalty', { min: -2, max: 2 });
  fields.string('user');
  const stream = fields.boolean('stream') ?? false;
  const streamOptions = fields.object('stream_options');
  if (streamOptions !== undefined && !stream) {
    const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
    throw new OpenAiRefusal(400, message, { param: 'stream_options' });
  }
  const seed = fields.integer('seed');
  const tokensMax = readTokensMax(fields, model) ?? tokensMaxDefault;
  return {
    stream,
    includeUsage: streamOptions?.['include_usage'] === true,
    choices: fields.integer('n', { min: 1, max: CHOICES_MAX }) ?? 1,
    stops: readStops(fields),
    ...(tokensMax === undefined ? {} : { tokensMax }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function readTokensMax(fields: Fields, model: SimChatModel): number | undefined {
  const legacy = fields.integer('max_tokens', { min: 1 });
  const current = fields.integer('max_completion_tokens', { min: 1 });
  if (legacy !== undefined && current !== undefined) {
    const message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
    throw wrongValue('max_tokens', message, 'invalid_parameter_combination');
  }
  const tokensMax = current ?? legacy;
  if (tokensMax !== undefined && tokensMax > model.outputTokensMax) {
    const param = current === undefined ? 'max_tokens' : 'max_completion_tokens';
    const message = `${param} is too large: ${tokensMax}. This model supports at most ${model.outputTokensMax} completion tokens, whereas you provided ${tokensMax}.`;
    throw wrongValue(param, message);
  }
  return tokensMax;
}

function readStops(fields: Fields): string[] {
  const stop = fields.raw('stop');
  if (stop === undefined) return [];
  const stops: unknown[] = Array.isArray(stop) ? stop : [stop];
  if (stops.length > STOPS_MAX) {
    const message = `Invalid 'stop': array too long. Expected an array with maximum length ${STOPS_MAX}, but got an array with length ${stops.length} instead.`;
    throw wrongValue('stop', message, 'array_above_max_length');
  }
  return stops.flatMap((text) => {
    if (typeof text !== 'string') throw wrongType('stop', 'one of a string or an array of strings', stop);
    return text === '' ? [] : [text];
  });
}

/** @throws a refusal when the model is of another kind */
export function chatModel(model: SimModel): SimChatModel {
  if (model.kind === 'chat') return model;
  const message = `This is not a chat model and thus not supported in the v1/chat/completions endpoint. Model: ${model.id}.`;
  throw new OpenAiRefusal(404, message, { param: 'model' });
}

/** @throws the 400 of OpenAI when prompt and asked answer do not fit the model's window together */
export function refuseAboveContext(
  model: SimModel,
  promptTokens: number,
  asked: number | undefined,
  param: string,
): void {
  const most = model.contextTokensMax;
  if (promptTokens + (asked ?? 1) <= most) return;
  const why =
    promptTokens >= most
      ? `However, your messages resulted in ${promptTokens} tokens. Please reduce the length of the messages.`
      : `However, you requested ${promptTokens + (asked ?? 0)} tokens (${promptTokens} in the messages, ${asked ?? 0} in the completion). Please reduce the length of the messages or completion.`;
  throw new OpenAiRefusal(400, `This model's maximum context length is ${most} tokens. ${why}`, {
    param,
    code: 'context_length_exceeded',
  });
}
