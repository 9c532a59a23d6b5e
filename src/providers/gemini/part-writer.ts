import type {
  ContentPart,
  FilePart,
  ReasoningPart,
  RedactedReasoningPart,
  SearchResultPart,
  Signature,
  ToolCallPart,
} from '../../protocol/chat/content.ts';
import { type Fields, isFields } from '../fields.ts';
import { inputOf, PLAIN_INPUT, wrappedArguments } from '../tool-input.ts';
import { type CallWriting, idFor, loseMarker, refused } from './call-losses.ts';
import { functionName } from './function-names.ts';
import { type MediaFacts, soundType, writeMedia } from './media.ts';
import { GEMINI, ownRest } from './wire.ts';

/** Whether thoughts and calls are among what is written, and whether a part that is not known may stay behind. */
export type Speaker = 'user' | 'model';

/**
 * One part as the parts that it is here; none for what says nothing. Results of
 * functions are written elsewhere: they know of each other.
 *
 * @param place the client's name for it
 * @throws `unsupported_parameter` for content that has no word here
 */
export function writePart(part: ContentPart, place: string, speaker: Speaker, writing: CallWriting): Fields[] {
  loseMarker(writing, part.cache, place);
  const written = bareParts(part, place, speaker, writing);
  const last = written.at(-1);
  const rest = ownRest(part.rest);
  if (last === undefined || rest === undefined) return written;
  return [...written.slice(0, -1), merged(last, rest)];
}

/** What was kept of an object inside a part goes back into that object. */
export function merged(part: Fields, rest: Fields): Fields {
  const whole: Record<string, unknown> = { ...part };
  for (const [name, value] of Object.entries(rest)) {
    const own = part[name];
    whole[name] = isFields(own) && isFields(value) ? merged(own, value) : (own ?? value);
  }
  return whole;
}

function bareParts(part: ContentPart, place: string, speaker: Speaker, writing: CallWriting): Fields[] {
  switch (part.type) {
    case 'text':
      return textParts(part.text, part.signature);
    case 'refusal':
      return textParts(part.text);
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      return writeMediaPart(part, place, writing);
    case 'search-result':
      return searchResult(part, place);
    case 'tool-reference':
      return textParts(part.name);
    case 'tool-call':
      return [writeCall(part, place, writing)];
    case 'reasoning':
    case 'redacted-reasoning':
      return writeThought(part, place, writing);
    case 'tool-result':
      return refused(place, 'the result of a tool stands in a message of the user');
    case 'hosted-call':
    case 'hosted-result':
      if (part.source.dialect === GEMINI) return [part.source.fields];
      return refused(place, 'what a tool of another provider did cannot be told this one');
    case 'other':
      if (part.source.dialect === GEMINI) return [part.source.fields];
      if (speaker === 'user') return refused(place, 'a part of this type is not known here');
      loseThought(place, writing);
      return [];
  }
}

/** The API refuses an empty text, which says nothing; with a signature it stands for what is signed. */
function textParts(text: string, signature?: Signature): Fields[] {
  const signed = signature?.dialect === GEMINI ? { thoughtSignature: signature.value } : {};
  return text === '' && signed.thoughtSignature === undefined ? [] : [{ text, ...signed }];
}

export type MediaPart = Extract<ContentPart, { type: 'image' | 'video' | 'audio' | 'file' }>;

export function writeMediaPart(part: MediaPart, place: string, writing: CallWriting): Fields[] {
  if (part.type === 'file' && part.source.kind === 'parts') {
    const inside = part.source.parts.flatMap((inner, at) =>
      writePart(inner, `${place}.source.content[${at}]`, 'user', writing),
    );
    return [...headParts(part), ...inside];
  }
  // What the model itself said aloud lies at its provider; the words of it are known.
  if (part.type === 'audio' && part.source.kind === 'stored' && part.source.dialect !== GEMINI && part.transcript) {
    return textParts(part.transcript);
  }
  const facts: MediaFacts = {
    kind: part.type,
    fetches: writing.habits.fetchesAddresses,
    ...(part.type === 'audio' ? { mediaType: soundType(part) } : {}),
    ...(part.type === 'file' ? { name: part.name } : {}),
  };
  const written = writeMedia(part.source, facts);
  if (typeof written === 'string') return refused(place, written);
  return part.type === 'file' ? [...headParts(part), written] : [written];
}

/** Documents have no title of their own here, and nothing that is said about them. */
function headParts({ context, name }: FilePart): Fields[] {
  const lines = [...(name === undefined ? [] : [`Document: ${name}`]), ...(context === undefined ? [] : [context])];
  return lines.length === 0 ? [] : [{ text: lines.join('\n') }];
}

function searchResult(part: SearchResultPart, place: string): Fields[] {
  const lines = [`Search result: ${part.title}`, `Source: ${part.source}`];
  for (const [at, inner] of part.parts.entries()) {
    if (inner.type !== 'text') return refused(`${place}.content[${at}]`, 'a search result is text here');
    lines.push(inner.text);
  }
  return [{ text: lines.join('\n') }];
}

function writeCall(part: ToolCallPart, place: string, writing: CallWriting): Fields {
  const call = { ...idFor(part.id, writing), name: functionName(part.name), args: argsFor(part, place, writing) };
  const signed = part.signature?.dialect === GEMINI ? { thoughtSignature: part.signature.value } : {};
  return { functionCall: call, ...signed };
}

function argsFor(part: ToolCallPart, place: string, { lose }: CallWriting): object {
  if (part.kind === 'custom') return { [PLAIN_INPUT]: part.arguments };
  const input = inputOf(part.arguments);
  if (input !== undefined) return input;
  lose(place, 'its arguments are no JSON object, so they are sent as the text of one');
  return wrappedArguments(part.arguments);
}

/** A thought goes back to its maker; one that nobody signed is told as the thought that it is. */
function writeThought(part: ReasoningPart | RedactedReasoningPart, place: string, writing: CallWriting): Fields[] {
  const seals = part.type === 'redacted-reasoning' ? [part.data] : [part.signature, part.encrypted];
  const own = seals.find((seal) => seal?.dialect === GEMINI);
  const text = part.type === 'reasoning' ? (part.text ?? '') : '';
  if (own !== undefined) {
    return text === ''
      ? [{ text, thoughtSignature: own.value }]
      : [{ text, thought: true, thoughtSignature: own.value }];
  }
  if (seals.some((seal) => seal !== undefined)) {
    loseThought(place, writing);
    return [];
  }
  return text === '' ? [] : [{ text, thought: true }];
}

/** A message may have many of them, and is named once. */
function loseThought(place: string, { call, lose }: CallWriting): void {
  const field = call.client === 'openai-chat' ? place.replace(/\.content\[\d+\]$/, '.reasoning_details') : place;
  lose(field, 'a thought that another provider signed is not sent to this one');
}
