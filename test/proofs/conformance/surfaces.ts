import type { PresetName } from '../../../src/config/presets.ts';
import type { ChatDialect } from './dialects.ts';
import { isJson, parsed } from './json.ts';

/** Which wire format a recording is of, and whose. */
export interface Surface {
  readonly dialect: ChatDialect;
  readonly operation: 'chat' | 'count-tokens';
  readonly preset: PresetName;
  /** Where the address names it. */
  readonly model: string | undefined;
  /** Path of the provider's base URL, as its customers are given it. */
  readonly basePath: string;
}

const CHAT = /\/chat\/completions$/;
const MESSAGES = /\/messages$/;
const COUNT = /\/messages\/count_tokens$/;
const RESPONSES = /\/responses$/;
const RESPONSES_COUNT = /\/responses\/input_tokens$/;
/** Google's own and Vertex AI's paths: the bodies are the same. */
const GENERATE = /\/models\/([^/:]+):(?:stream)?generateContent$/i;
const GEMINI_COUNT = /\/models\/([^/:]+):countTokens$/;

/** Paths of operations that are still to come, each by what a reader knows it as. */
const TO_COME: readonly (readonly [RegExp, string])[] = [
  [/\/messages\/batches/, 'batches of Messages'],
  [/\/responses\/(?!input_tokens$)/, 'OpenAI Responses that are kept, and compaction'],
  [/BidiGenerateContent|\/operations\//i, 'Gemini Live and long operations'],
  [/\/converse(?:-stream)?$|\/invoke(?:-with-response-stream)?$/, 'Bedrock'],
  [/\/v2\/chat$/, 'Cohere chat v2'],
  [/:(?:stream)?rawPredict$/i, 'Anthropic on Vertex'],
  [/\/rerank$/, 'reranking'],
  [/[^t]\/completions$/, 'legacy completions, which only pass natively'],
  [/\/embeddings$/, 'embeddings, which only pass natively'],
  [/\/(?:audio\/|speech-to-text|stt$|listen$|tts)/, 'sound'],
  [/\/(?:images|videos)\//, 'pictures and films'],
  [/\/moderations$/, 'moderation'],
  [/\/ocr$/, 'text recognition'],
];

/** Hosts of vendors that have a preset; every other one is a generic provider of its dialect. */
const HOSTS: readonly (readonly [RegExp, PresetName])[] = [
  [/^api\.openai\.com$/, 'openai'],
  [/\.openai\.azure\.com$|\.services\.ai\.azure\.com$|\.cognitiveservices\.azure\.com$/, 'azure'],
  [/^openrouter\.ai$/, 'openrouter'],
  [/^api\.mistral\.ai$/, 'mistral'],
  [/^api\.groq\.com$/, 'groq'],
  [/^api\.deepseek\.com$/, 'deepseek'],
  [/^api\.x\.ai$/, 'xai'],
  [/^api\.together\.(?:xyz|ai)$/, 'together'],
  [/^api\.fireworks\.ai$/, 'fireworks'],
  [/^api\.cerebras\.ai$/, 'cerebras'],
  [/^api\.perplexity\.ai$/, 'perplexity'],
];

/**
 * By where it was asked and, where that says nothing, by what the answer looks like.
 *
 * @param body its text; absent for what is no text
 */
export function surfaceOf(url: string, status: number, body: string | undefined): Surface | { unsupported: string } {
  const path = pathOf(url);
  const toCome = TO_COME.find(([pattern]) => pattern.test(path));
  if (toCome !== undefined) return { unsupported: `not supported: ${toCome[1]}` };
  if (CHAT.test(path)) return surface(url, 'openai-chat', path.replace(CHAT, ''));
  if (COUNT.test(path)) return surface(url, 'anthropic-messages', path.replace(COUNT, ''), 'count-tokens');
  if (RESPONSES_COUNT.test(path)) {
    return surface(url, 'openai-responses', path.replace(RESPONSES_COUNT, ''), 'count-tokens');
  }
  if (RESPONSES.test(path)) return surface(url, 'openai-responses', path.replace(RESPONSES, ''));
  if (GEMINI_COUNT.test(path)) return surface(url, 'gemini', '/v1beta', 'count-tokens');
  if (GENERATE.test(path)) return surface(url, 'gemini', '/v1beta');
  if (MESSAGES.test(path)) return surface(url, 'anthropic-messages', path.replace(MESSAGES, ''));
  if (status < 400 && body !== undefined) {
    if (/"object"\s*:\s*"chat\.completion(?:\.chunk)?"/.test(body)) return surface(url, 'openai-chat', '/v1');
    if (/"object"\s*:\s*"response"/.test(body)) return surface(url, 'openai-responses', '/v1');
    if (/"candidates"\s*:\s*\[/.test(body) && /"usageMetadata"/.test(body)) return surface(url, 'gemini', '/v1beta');
    if (/"type"\s*:\s*"message(?:_start)?"/.test(body)) return surface(url, 'anthropic-messages', '/v1');
    const value = parsed(body);
    if (isJson(value) && Array.isArray(value['choices'])) return surface(url, 'openai-chat', '/v1');
  }
  return { unsupported: `not supported: ${path === '' ? 'what has no address' : `POST ${path}`}` };
}

function pathOf(url: string): string {
  return url
    .replace(/^[a-z]+:\/\/[^/]*/i, '')
    .replace(/^<[^>]*>/, '')
    .replace(/[?#].*$/s, '')
    .replace(/\/$/, '');
}

function surface(
  url: string,
  dialect: Surface['dialect'],
  basePath: string,
  operation: Surface['operation'] = 'chat',
): Surface {
  const host = /^[a-z]+:\/\/([^/:]+)/i.exec(url)?.[1]?.toLowerCase() ?? '';
  const known = HOSTS.find(([pattern]) => pattern.test(host))?.[1];
  return {
    dialect,
    operation,
    preset: GENERIC[dialect] ?? known ?? 'openai-compatible',
    model: (GENERATE.exec(pathOf(url)) ?? GEMINI_COUNT.exec(pathOf(url)))?.[1],
    basePath: basePath === '' ? '/v1' : basePath,
  };
}

/** Dialects that one vendor speaks, and others as that one does. */
const GENERIC: Readonly<Partial<Record<ChatDialect, PresetName>>> = {
  'anthropic-messages': 'anthropic',
  gemini: 'gemini',
};
