import type { PromptText } from '../../exchange/dialect.ts';
import { isObject } from '../request-object.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Gemini counts nothing around a content, other vendors do. */
const TOKENS_PER_CONTENT = 2;
/** A picture that is not divided into tiles (ai.google.dev/gemini-api/docs/tokens, as of 2026); a second of film is as much. */
const TOKENS_PER_PICTURE = 258;
/** 32 tokens are a second of sound; bytes of MP3 at 128 kbit/s are 16,000 of it. */
const SOUND_TOKENS_PER_BYTE = 32 / 16_000;
const FILM_TOKENS_PER_BYTE = 290 / 250_000;
/** A page of a document; how many there are, its bytes do not say. */
const TOKENS_PER_DOCUMENT = 1_000;
const TOKENS_PER_OTHER_PART = 85;

/**
 * What a provider would count as input, as well as can be told from outside: the
 * texts, and a few tokens around each content. Tools and schemas are counted
 * as the JSON of what they say, because nobody publishes how they are written.
 *
 * @param fields by their names in camel case
 */
export function promptOf(fields: JsonObject): PromptText {
  const prompt = new Prompt();
  const { systemInstruction, tools, contents, generationConfig: config } = fields;
  if (Array.isArray(tools) && tools.length > 0) prompt.texts.push(JSON.stringify(tools));
  const schema = isObject(config) ? (config['responseJsonSchema'] ?? config['responseSchema']) : undefined;
  if (schema !== undefined) prompt.texts.push(JSON.stringify(schema));
  if (isObject(systemInstruction)) prompt.addParts(systemInstruction['parts']);
  for (const content of Array.isArray(contents) ? (contents as readonly unknown[]) : []) {
    if (!isObject(content)) continue;
    prompt.otherTokens += TOKENS_PER_CONTENT;
    prompt.addParts(content['parts']);
  }
  return { texts: prompt.texts, otherTokens: Math.ceil(prompt.otherTokens) };
}

class Prompt {
  readonly texts: string[] = [];
  otherTokens = 0;

  addParts(parts: unknown): void {
    for (const part of Array.isArray(parts) ? (parts as readonly unknown[]) : []) if (isObject(part)) this.#add(part);
  }

  #add({
    text,
    functionCall,
    functionResponse,
    inlineData,
    executableCode,
    codeExecutionResult,
    fileData,
  }: JsonObject): void {
    if (typeof text === 'string') this.texts.push(text);
    else if (isObject(functionCall)) this.#addJson(functionCall['name'], functionCall['args']);
    else if (isObject(functionResponse)) {
      this.#addJson(functionResponse['name'], functionResponse['response']);
      this.addParts(functionResponse['parts']);
    } else if (isObject(executableCode)) this.#addJson(executableCode['code'], undefined);
    else if (isObject(codeExecutionResult)) this.#addJson(codeExecutionResult['output'], undefined);
    else if (isObject(inlineData)) this.#addBlob(inlineData);
    else this.otherTokens += fileData === undefined ? TOKENS_PER_OTHER_PART : TOKENS_PER_DOCUMENT;
  }

  #addJson(name: unknown, value: unknown): void {
    this.texts.push(`${typeof name === 'string' ? name : ''}${value === undefined ? '' : JSON.stringify(value)}`);
  }

  #addBlob({ mimeType, data }: JsonObject): void {
    const kind = typeof mimeType === 'string' ? (mimeType.split('/')[0] ?? '') : '';
    const bytes = typeof data === 'string' ? (data.length * 3) / 4 : 0;
    if (kind === 'image') this.otherTokens += TOKENS_PER_PICTURE;
    else if (kind === 'audio') this.otherTokens += bytes * SOUND_TOKENS_PER_BYTE;
    else if (kind === 'video') this.otherTokens += bytes * FILM_TOKENS_PER_BYTE;
    else if (kind === 'text' && typeof data === 'string') this.texts.push(Buffer.from(data, 'base64').toString('utf8'));
    else this.otherTokens += TOKENS_PER_DOCUMENT;
  }
}
