import type { Operation } from '../protocol/operation.ts';

/** Words in the names of models that do one thing only, the more telling first. */
const TELLING: readonly (readonly [RegExp, Operation])[] = [
  [/realtime/, 'realtime'],
  [/embed|(?:^|[/-])(?:bge|e5|gte)-|voyage-(?:\d|code|law|finance|large|multi|context)/, 'embed'],
  [/rerank/, 'rerank'],
  [/moderation/, 'moderate'],
  [/transcri|whisper|asr\b|scribe/, 'transcribe'],
  [/(?:^|[/_-])tts\b|text-to-speech|speech-/, 'speech'],
  [/dall-e|gpt-image|imagen|flux|stable-diffusion|seedream|recraft/, 'image'],
  [/(?:^|[/-])(?:sora|veo|kling|seedance)\b/, 'video'],
];

/** What a model does, as far as its name tells; a model whose name tells nothing else converses. */
export function operationOfName(id: string): Operation {
  const lower = id.toLowerCase();
  return TELLING.find(([pattern]) => pattern.test(lower))?.[1] ?? 'chat';
}
