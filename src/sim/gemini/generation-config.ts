import type { SimChatModel } from '../models.ts';
import { GeminiRefusal, invalid } from './errors.ts';
import { Fields } from './fields.ts';
import { readSchema } from './schema.ts';
import { readThinking, type Thinking } from './thinking.ts';

/** How the answer is to be made. */
export interface GenerationConfig {
  readonly tokensMax: number;
  readonly candidates: number;
  readonly stops: readonly string[];
  readonly seed: number;
  readonly thinking: Thinking;
  /** The most likely tokens to name beside each chosen one; absent: none are told. */
  readonly logprobs?: number;
  /** JSON Schema of the answer; `true`: any JSON. */
  readonly json?: unknown;
}

/** Fields that are taken and change nothing here. */
const QUIET = [
  'speechConfig',
  'enableEnhancedCivicAnswers',
  'imageConfig',
  'audioTranscriptionConfig',
  'responseFormat',
] as const;
const RESOLUTIONS = ['UNSPECIFIED', 'LOW', 'MEDIUM', 'HIGH', 'ULTRA_HIGH'].map((level) => `MEDIA_RESOLUTION_${level}`);
const MIME_TYPES = ['text/plain', 'application/json', 'text/x.enum'] as const;
const CANDIDATES_MAX = 8;
const STOPS_MAX = 5;
const LOGPROBS_MAX = 20;

/** @throws GeminiRefusal */
export function readGenerationConfig(fields: Fields, model: SimChatModel): GenerationConfig {
  const config = fields.nested('generationConfig', 'GenerationConfig') ?? new Fields({}, 'generation_config');
  config.mayHave(...QUIET);
  readSampling(config);
  const tokensMax = readTokensMax(config, model);
  const candidates = within(config, 'candidateCount', config.integer('candidateCount'), 1, CANDIDATES_MAX) ?? 1;
  const stops = config.strings('stopSequences') ?? [];
  if (stops.length > STOPS_MAX) throw invalid(config.path('stopSequences'), `at most ${STOPS_MAX} can be given`);
  if (stops.includes('')) throw invalid(config.path('stopSequences'), 'a stop sequence must not be empty');
  const logprobs = readLogprobs(config);
  const json = readFormat(config);
  readModalities(config);
  const thinking = readThinking(config.nested('thinkingConfig', 'ThinkingConfig'), model);
  const seed = config.integer('seed') ?? 0;
  config.oneOf('mediaResolution', 'GenerationConfig.MediaResolution', RESOLUTIONS);
  config.end();
  return {
    tokensMax,
    candidates,
    stops,
    seed,
    thinking,
    ...(logprobs === undefined ? {} : { logprobs }),
    ...(json === undefined ? {} : { json }),
  };
}

function readSampling(config: Fields): void {
  within(config, 'temperature', config.decimal('temperature'), 0, 2);
  within(config, 'topP', config.decimal('topP'), 0, 1);
  within(config, 'topK', config.integer('topK'), 1, 1_000);
  within(config, 'presencePenalty', config.decimal('presencePenalty'), -2, 2);
  within(config, 'frequencyPenalty', config.decimal('frequencyPenalty'), -2, 2);
}

function within(config: Fields, name: string, value: number | undefined, min: number, max: number): number | undefined {
  if (value === undefined || (value >= min && value <= max)) return value;
  const path = config.path(name);
  throw invalid(path, `${path.split('.').at(-1)} must be in the range [${min}, ${max}].`);
}

function readTokensMax(config: Fields, { outputTokensMax, id }: SimChatModel): number {
  const asked = config.integer('maxOutputTokens');
  if (asked === undefined) return outputTokensMax;
  if (asked < 1) throw invalid(config.path('maxOutputTokens'), 'max_output_tokens must be positive.');
  if (asked <= outputTokensMax) return asked;
  throw new GeminiRefusal(
    400,
    `Unable to submit request because it has a maxOutputTokens value of ${asked} but the supported range of ${id} is from 1 (inclusive) to ${outputTokensMax + 1} (exclusive). Update the value and try again.`,
  );
}

function readLogprobs(config: Fields): number | undefined {
  const asked = config.boolean('responseLogprobs') === true;
  const top = within(config, 'logprobs', config.integer('logprobs'), 0, LOGPROBS_MAX);
  if (top !== undefined && !asked) {
    throw invalid(config.path('logprobs'), 'logprobs can only be set when response_logprobs is true.');
  }
  return asked ? (top ?? 0) : undefined;
}

/** @returns what `GenerationConfig.json` says */
function readFormat(config: Fields): unknown {
  const type = config.string('responseMimeType') ?? 'text/plain';
  if (!MIME_TYPES.some((known) => known === type)) {
    throw invalid(
      config.path('responseMimeType'),
      `allowed mimetypes are ${MIME_TYPES.map((one) => `\`${one}\``).join(', ')}.`,
    );
  }
  const own = config.nested('responseSchema', 'Schema');
  const schema = own === undefined ? undefined : readSchema(own);
  const json = config.raw('responseJsonSchema') ?? config.raw('_responseJsonSchema');
  if (schema !== undefined && json !== undefined) {
    throw invalid(config.path('responseSchema'), 'only one of response_schema and response_json_schema may be set');
  }
  const wanted = schema ?? json;
  if (wanted !== undefined && type === 'text/plain') {
    throw invalid(config.path('responseMimeType'), 'a response schema needs a response_mime_type of application/json');
  }
  return wanted ?? (type === 'application/json' ? true : undefined);
}

/** No model here draws or speaks. */
function readModalities(config: Fields): void {
  const wanted = (config.strings('responseModalities') ?? []).map((modality) => modality.toUpperCase());
  if (wanted.every((modality) => modality === 'TEXT')) return;
  throw new GeminiRefusal(
    400,
    `Model does not support the requested response modalities: ${wanted.join(',').toLowerCase().slice(0, 100)}`,
  );
}
