import type { AudioPart, ContentPart, MediaSource, ReasoningPart, ToolCallPart } from '../../protocol/chat/content.ts';
import { type Fields, isFields } from '../../providers/fields.ts';
import { isMadeUpCallId } from '../../providers/gemini/call-ids.ts';
import { soundType } from '../../providers/gemini/media.ts';
import { GEMINI, ownRest } from '../../providers/gemini/wire.ts';
import { inputOf, PLAIN_INPUT, wrappedArguments } from '../../providers/tool-input.ts';
import { sealOf, thoughtSignatureOf } from './seals.ts';

/** A part of an answer as parts of this dialect; none for what its answers cannot hold. */
export function answerParts(part: ContentPart): Fields[] {
  switch (part.type) {
    case 'text':
      return [{ text: part.text, ...signed(thoughtSignatureOf(part.signature, 'signature')), ...ownRest(part.rest) }];
    case 'refusal':
      return part.text === '' ? [] : [{ text: part.text }];
    case 'reasoning':
      return thoughtParts(part);
    case 'redacted-reasoning':
      return [{ text: '', thought: true, ...signed(thoughtSignatureOf(part.data, 'redacted')) }];
    case 'tool-call':
      return [callPart(part)];
    case 'audio':
      return soundParts(part);
    case 'image':
    case 'video':
    case 'file':
      return mediaParts(part.source, undefined, ownRest(part.rest));
    case 'hosted-call':
    case 'hosted-result':
    case 'other':
      return part.source.dialect === GEMINI ? [part.source.fields] : [];
    default:
      return [];
  }
}

function thoughtParts({ text = '', rest, ...thought }: ReasoningPart): Fields[] {
  const signature = signed(thoughtSeal({ ...thought, ...(rest === undefined ? {} : { rest }) }));
  const own = ownRest(rest);
  if (text === '' && Object.keys(signature).length === 0) return [];
  // A thought of which nothing is shown is nothing but its signature, on an empty text.
  const shown = text !== '' || thought.signature?.dialect !== GEMINI;
  return [{ text, ...(shown ? { thought: true } : {}), ...signature, ...own }];
}

/**
 * A thought has room for one seal: the signature that lets its maker go on with
 * it, else the sealed thought, else a mark that it ends here and is not Google's.
 * A summary without any is what Google's own are without one.
 */
export function thoughtSeal(thought: Omit<ReasoningPart, 'type' | 'text'>): string | undefined {
  const { signature, encrypted, id, rest, summary } = thought;
  if (signature !== undefined) return thoughtSignatureOf(signature, 'signature', thought);
  if (encrypted !== undefined) return thoughtSignatureOf(encrypted, 'encrypted', thought);
  return id === undefined && rest === undefined && summary === true ? undefined : sealOf(thought);
}

/** A call; one whose id nobody gave but this gateway has none. */
export function callPart(part: ToolCallPart): Fields {
  const { id, name, signature } = part;
  const { functionCall: inside, ...beside } = ownRest(part.rest) ?? {};
  const named = isMadeUpCallId(id) ? {} : { id };
  return {
    functionCall: { ...named, name, args: argsOf(part), ...(isFields(inside) ? inside : {}) },
    ...signed(thoughtSignatureOf(signature, 'signature')),
    ...beside,
  };
}

function argsOf({ kind, arguments: given }: ToolCallPart): object {
  if (kind === 'custom') return { [PLAIN_INPUT]: given };
  return inputOf(given) ?? wrappedArguments(given);
}

/** Sound that is not at hand is told as what is said in it. */
function soundParts(part: AudioPart): Fields[] {
  const sound = mediaParts(part.source, soundType(part), ownRest(part.rest));
  return sound.length === 0 && part.transcript !== undefined ? [{ text: part.transcript }] : sound;
}

function mediaParts(source: MediaSource, mediaType: string | undefined, rest: Fields = {}): Fields[] {
  const { inlineData, fileData, ...beside } = rest;
  if (source.kind === 'bytes') {
    if (source.base64 === '') return [];
    const mimeType = source.mediaType ?? mediaType ?? 'application/octet-stream';
    return [{ inlineData: { mimeType, data: source.base64, ...(isFields(inlineData) ? inlineData : {}) }, ...beside }];
  }
  const uri =
    source.kind === 'url' ? source.url : source.kind === 'stored' && source.dialect === GEMINI ? source.id : undefined;
  if (uri === undefined || source.kind === 'parts') return [];
  const typed = source.mediaType === undefined ? {} : { mimeType: source.mediaType };
  return [{ fileData: { ...typed, fileUri: uri, ...(isFields(fileData) ? fileData : {}) }, ...beside }];
}

export function signed(thoughtSignature: string | undefined): Fields {
  return thoughtSignature === undefined ? {} : { thoughtSignature };
}
