import type { CallContext } from '../dialect.ts';
import type { JsonObject } from '../json-object.ts';
import { drawMs } from '../latency.ts';
import type { SimEmbeddingModel, SimModel } from '../models.ts';
import type { Draft } from '../script.ts';
import type { TokenCounter } from '../tokenizer.ts';
import { OpenAiRefusal } from './errors.ts';
import { Fields, missing, wrongType, wrongValue } from './fields.ts';
import { isTokenList } from './token-input.ts';
import { embeddingUsageJson } from './usage.ts';
import type { VectorSpace } from './vectors.ts';

const INPUTS_MAX = 2_048;
const TOKENS_TOGETHER_MAX = 300_000;

interface Input {
  readonly text: string;
  readonly tokens: number;
}

/** `POST /v1/embeddings`. @throws OpenAiRefusal */
export function answerEmbeddings(
  body: JsonObject,
  model: SimEmbeddingModel,
  context: CallContext,
  space: VectorSpace,
): Draft {
  const fields = new Fields(body);
  const inputs = readInputs(fields, context.tokens);
  const dimensions = fields.integer('dimensions', { min: 1, max: model.dimensions }) ?? model.dimensions;
  const format = fields.oneOf('encoding_format', ['float', 'base64'] as const) ?? 'float';
  fields.string('user');
  const promptTokens = countWithin(inputs, model);
  context.call.promptRead(promptTokens, 0);
  const items = inputs.map((input, index) => {
    const vector = space.vector(input.text, dimensions);
    const embedding = format === 'float' ? `[${vector.join(',')}]` : `"${base64(vector)}"`;
    return `{"object":"embedding","index":${index},"embedding":${embedding}}`;
  });
  const usage = embeddingUsageJson(promptTokens, context.shape);
  return {
    kind: 'body',
    status: 200,
    contentType: 'application/json',
    afterMs: drawMs(context.latencyOf(model).firstToken, context.random),
    text: `{"object":"list","data":[${items.join(',')}],"model":${JSON.stringify(model.id)}${usage === undefined ? '' : `,"usage":${usage}`}}`,
    tokens: 0,
  };
}

/** @throws a refusal when the model is of another kind */
export function embeddingModel(model: SimModel): SimEmbeddingModel {
  if (model.kind === 'embedding') return model;
  throw new OpenAiRefusal(403, `You are not allowed to generate embeddings from this model: ${model.id}.`);
}

function readInputs(fields: Fields, counter: TokenCounter): Input[] {
  const input = fields.raw('input');
  if (input === undefined) throw missing('input');
  const expected = 'one of a string, an array of strings, an array of tokens, or an array of token arrays';
  const list: unknown[] = typeof input === 'string' || isTokenList(input) ? [input] : Array.isArray(input) ? input : [];
  if (list.length === 0) {
    throw Array.isArray(input)
      ? wrongValue('input', "Invalid 'input': input cannot be an empty array.")
      : wrongType('input', expected, input);
  }
  if (list.length > INPUTS_MAX) {
    const message = `Invalid 'input': array too long. Expected an array with maximum length ${INPUTS_MAX}, but got an array with length ${list.length} instead.`;
    throw wrongValue('input', message, 'array_above_max_length');
  }
  return list.map((item) => {
    if (item === '') throw wrongValue('input', "Invalid 'input': input cannot be an empty string.");
    if (typeof item === 'string') return { text: item, tokens: counter.count(item) };
    if (isTokenList(item)) return { text: item.map((id) => `#${id}`).join(' '), tokens: item.length };
    throw wrongType('input', expected, input);
  });
}

function countWithin(inputs: readonly Input[], model: SimEmbeddingModel): number {
  let together = 0;
  for (const input of inputs) {
    if (input.tokens > model.contextTokensMax) {
      const message = `This model's maximum context length is ${model.contextTokensMax} tokens, however you requested ${input.tokens} tokens (${input.tokens} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`;
      throw new OpenAiRefusal(400, message, { param: 'input', code: 'context_length_exceeded' });
    }
    together += input.tokens;
  }
  if (together <= TOKENS_TOGETHER_MAX) return together;
  const message = `Invalid 'input': maximum request size is ${TOKENS_TOGETHER_MAX} tokens per request.`;
  throw wrongValue('input', message, 'max_tokens_per_request');
}

/** Little-endian 32-bit floats, whatever this machine's own order is. */
function base64(vector: Float64Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (let at = 0; at < vector.length; at++) bytes.writeFloatLE(vector[at] ?? 0, at * 4);
  return bytes.toString('base64');
}
