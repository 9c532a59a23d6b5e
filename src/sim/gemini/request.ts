import type { JsonObject } from '../json-object.ts';
import type { SimChatModel } from '../models.ts';
import type { Seal } from '../seal.ts';
import type { TokenCounter } from '../tokenizer.ts';
import { refuseLooseCalls } from './call-turns.ts';
import { type Content, readContents, readSystem } from './contents.ts';
import { GeminiRefusal } from './errors.ts';
import { Fields } from './fields.ts';
import { type GenerationConfig, readGenerationConfig } from './generation-config.ts';
import type { Part } from './parts.ts';
import { type CallingWish, type RequestTools, readCalling, readTools } from './tool-fields.ts';

/** What counting tokens and answering have in common. */
export interface Prompt {
  readonly system: readonly Part[];
  readonly contents: readonly Content[];
  readonly tools: RequestTools;
  /** JSON Schema of the answer, where one is asked for. */
  readonly schema?: unknown;
}

export interface GenerateRequest extends Prompt {
  readonly calling: CallingWish;
  readonly config: GenerationConfig;
}

/** What is known of a request beside its body. */
export interface ReadingContext {
  readonly model: SimChatModel;
  readonly seal: Seal;
  readonly counter: TokenCounter;
}

/** Fields that are taken and change nothing here. */
const QUIET = ['labels', 'store', 'serviceTier', 'model'] as const;
const HARMS = ['HARASSMENT', 'HATE_SPEECH', 'SEXUALLY_EXPLICIT', 'DANGEROUS_CONTENT'].map(
  (name) => `HARM_CATEGORY_${name}`,
);
const CATEGORIES = ['HARM_CATEGORY_UNSPECIFIED', ...HARMS, 'HARM_CATEGORY_CIVIC_INTEGRITY', 'HARM_CATEGORY_JAILBREAK'];
const THRESHOLDS = [
  'HARM_BLOCK_THRESHOLD_UNSPECIFIED',
  'BLOCK_LOW_AND_ABOVE',
  'BLOCK_MEDIUM_AND_ABOVE',
  'BLOCK_ONLY_HIGH',
  'BLOCK_NONE',
  'OFF',
];

/** The body of `:generateContent` and `:streamGenerateContent`. @throws GeminiRefusal */
export function readGenerateRequest(body: JsonObject, context: ReadingContext): GenerateRequest {
  return readRequest(new Fields(body), context);
}

/** The body of `:countTokens`: contents alone, or a whole request inside. @throws GeminiRefusal */
export function readCountRequest(body: JsonObject, context: ReadingContext): Prompt {
  const fields = new Fields(body);
  const whole = fields.nested('generateContentRequest', 'GenerateContentRequest');
  if (whole === undefined) return readRequest(fields, context);
  fields.end();
  return readRequest(whole, context);
}

function readRequest(fields: Fields, context: ReadingContext): GenerateRequest {
  fields.mayHave(...QUIET);
  const tools = readTools(fields);
  const calling = readCalling(fields, tools);
  const config = readGenerationConfig(fields, context.model);
  readSafety(fields);
  const cached = fields.string('cachedContent');
  const system = readSystem(fields, context.counter);
  const contents = readContents(fields, context.counter, context.seal);
  fields.end();
  if (cached !== undefined) throw new GeminiRefusal(403, 'CachedContent not found (or permission denied)');
  refuseLooseCalls(contents, context.model.reasoningTokens !== undefined);
  const schema = config.json === undefined || config.json === true ? {} : { schema: config.json };
  return { system, contents, tools, calling, config, ...schema };
}

function readSafety(fields: Fields): void {
  for (const setting of fields.objects('safetySettings', 'SafetySetting')) {
    setting.oneOf('category', 'HarmCategory', CATEGORIES);
    setting.oneOf('threshold', 'SafetySetting.HarmBlockThreshold', THRESHOLDS);
    setting.end();
  }
}
