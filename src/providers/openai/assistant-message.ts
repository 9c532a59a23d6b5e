import type { Draft } from '../../kernel/draft.ts';
import type { AudioPart, Citation, ContentPart, Rest, TextPart } from '../../protocol/chat/content.ts';
import { readAnnotations } from './annotations.ts';
import { readContent, readImage } from './content-parts.ts';
import { REASONING_NAMES, readReasoning } from './reasoning.ts';
import { readToolCall } from './tool-calls.ts';
import { isObject, type Misfit, restOf, someText, type WireObject } from './wire.ts';

/** A message of the assistant's as the centre has it: thoughts, what is said, what is refused, sound, pictures, calls. */
export interface AssistantMessage {
  readonly parts: ContentPart[];
  readonly rest: Rest | undefined;
}

const KNOWN = new Set([
  'role',
  'name',
  'content',
  'refusal',
  'annotations',
  'audio',
  'images',
  'tool_calls',
  'function_call',
  ...REASONING_NAMES,
]);

/**
 * Reads a message of the assistant's, in an answer or in a history.
 *
 * @param madeId the id of the n-th tool call, where the message gives it none
 * @throws what `misfit` makes
 */
export function readAssistant(
  message: WireObject,
  place: string,
  misfit: Misfit,
  madeId: (index: number) => string,
): AssistantMessage {
  const said = cited(readContent(message['content'], `${place}.content`, misfit), message['annotations']);
  const parts = [...readReasoning(message), ...said];
  const refusal = someText(message['refusal']);
  if (refusal !== undefined) parts.push({ type: 'refusal', text: refusal });
  if (isObject(message['audio'])) parts.push(readSpokenAudio(message['audio']));
  for (const [at, image] of listOf(message['images']).entries()) {
    if (isObject(image)) parts.push(readImage(image, `${place}.images[${at}]`, misfit));
  }
  const { tool_calls: calls, function_call: older } = message;
  if (calls !== undefined && calls !== null && !Array.isArray(calls)) throw misfit(`${place}.tool_calls`, 'an array');
  for (const [at, call] of listOf(calls).entries()) {
    parts.push(readToolCall(call, madeId(at), `${place}.tool_calls[${at}]`, misfit));
  }
  if (isObject(older) && listOf(calls).length === 0) {
    parts.push(readToolCall({ function: older }, madeId(0), `${place}.function_call`, misfit));
  }
  return { parts: withCallSignatures(parts), rest: restOf(message, KNOWN) };
}

/** OpenRouter tells Gemini's signature of a call as a sealed thought with the call's id. */
function withCallSignatures(parts: ContentPart[]): ContentPart[] {
  const sealed = parts.filter((part) => part.type === 'reasoning' && part.encrypted?.dialect === 'gemini');
  if (sealed.length === 0) return parts;
  const seals = new Map(sealed.map((part) => [part.type === 'reasoning' ? part.id : undefined, part]));
  const used = new Set<ContentPart>();
  const signed = parts.map((part) => {
    const seal = part.type === 'tool-call' && part.signature === undefined ? seals.get(part.id) : undefined;
    if (seal?.type !== 'reasoning' || seal.encrypted === undefined) return part;
    used.add(seal);
    return { ...part, signature: seal.encrypted };
  });
  return signed.filter((part) => !used.has(part));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Annotations speak of the text as a whole; they stay with its last part. */
function cited(parts: ContentPart[], annotations: unknown): ContentPart[] {
  const citations = readAnnotations(annotations);
  return citations.length === 0 ? parts : withCitations(parts, citations);
}

/** Adds citations to the last text, or to an empty one where there is none. */
export function withCitations(parts: readonly ContentPart[], citations: readonly Citation[]): ContentPart[] {
  const at = parts.findLastIndex(({ type }) => type === 'text');
  const text = parts[at];
  if (text?.type !== 'text') return [...parts, { type: 'text', text: '', citations }];
  const both: TextPart = { ...text, citations: [...(text.citations ?? []), ...citations] };
  return parts.with(at, both);
}

const AUDIO_NAMES = new Set(['data', 'transcript', 'expires_at']);

/** Sound of an answer, or the name of a sound of an earlier one. */
export function readSpokenAudio(audio: WireObject): AudioPart {
  const { id, data, transcript, expires_at: expiresAt } = audio;
  const whole = typeof data === 'string';
  const part: Draft<AudioPart> = {
    type: 'audio',
    source: whole
      ? { kind: 'bytes', mediaType: undefined, base64: data }
      : { kind: 'stored', id: someText(id) ?? '', dialect: 'openai-chat' },
  };
  if (typeof transcript === 'string') part.transcript = transcript;
  if (typeof expiresAt === 'number') part.expiresAt = expiresAt;
  const more = restOf(audio, whole ? AUDIO_NAMES : new Set([...AUDIO_NAMES, 'id']));
  if (more !== undefined) part.rest = more;
  return part;
}

/** The same, written. */
export function spokenAudioJson({ source, transcript, expiresAt, rest }: AudioPart): WireObject {
  if (source.kind === 'stored') return { id: source.id };
  const more = rest?.dialect === 'openai-chat' ? rest.fields : {};
  return {
    ...more,
    ...(source.kind === 'bytes' ? { data: source.base64 } : {}),
    ...(transcript === undefined ? {} : { transcript }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  };
}
