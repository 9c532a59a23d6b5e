import type { ChatMessage } from '../../protocol/chat/call.ts';
import type { AudioPart, ContentPart, ToolCallPart } from '../../protocol/chat/content.ts';
import { spokenAudioJson } from './assistant-message.ts';
import { type CallWriting, lose, unsayable } from './call-losses.ts';
import { contentJson } from './part-writer.ts';
import { NO_THOUGHT, reasoningDetails, reasoningText } from './reasoning.ts';
import { shortCallId, shortName } from './short-names.ts';
import { toolCallJson } from './tool-calls.ts';
import { type WireObject, withRest } from './wire.ts';

type PlaceOf = (part: number) => string;

/** A turn of the assistant's in a history: what it said, what it called, and its thoughts where they are taken back. */
export function assistantJson({ name, parts, rest }: ChatMessage, placeOf: PlaceOf, writing: CallWriting): WireObject {
  const said = parts.flatMap((part, at) => (isSaid(part) ? [{ part, place: placeOf(at) }] : []));
  const refusals = parts.flatMap((part) => (part.type === 'refusal' ? [part.text] : []));
  const calls = parts.filter((part): part is ToolCallPart => part.type === 'tool-call');
  const audio = parts.find((part): part is AudioPart => part.type === 'audio');
  for (const [at, part] of parts.entries()) {
    if (part.type === 'hosted-call' || part.type === 'hosted-result') {
      throw unsayable(placeOf(at), 'what a tool of another provider did cannot be told there');
    }
  }
  const content = contentJson(
    said.map(({ part }) => part),
    (at) => said[at]?.place ?? placeOf(at),
    writing,
  );
  const silent = said.length === 0 && (calls.length > 0 || refusals.length > 0 || audio !== undefined);
  return withRest(
    {
      role: 'assistant',
      content: silent ? null : content,
      ...(name === undefined ? {} : { name }),
      ...thoughtsJson(parts, placeOf, writing),
      ...(refusals.length === 0 ? {} : { refusal: refusals.join('') }),
      ...(audio === undefined ? {} : { audio: spokenAudioJson(audio) }),
      ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => sentCall(call, writing)) }),
    },
    rest,
  );
}

function sentCall({ signature, ...call }: ToolCallPart, writing: CallWriting): WireObject {
  const signed = signature !== undefined && isGemini(writing) && !tellsDetails(writing) ? { signature } : {};
  return toolCallJson({ ...call, ...signed, id: shortCallId(call.id), name: shortName(call.name) });
}

/** Strict providers refuse members that they do not know: signatures go to those whose model made them. */
function isGemini({ traits }: CallWriting): boolean {
  return /gemini/i.test(traits.model);
}

function tellsDetails({ traits }: CallWriting): boolean {
  return traits.reasoningField === 'reasoning_details';
}

/** The signatures of calls as OpenRouter takes them back: sealed thoughts with the call's id. */
function callSeals(parts: readonly ContentPart[], writing: CallWriting): ContentPart[] {
  if (!isGemini(writing)) return [];
  return parts.flatMap((part): ContentPart[] =>
    part.type === 'tool-call' && part.signature?.dialect === 'gemini'
      ? [{ type: 'reasoning', id: shortCallId(part.id), encrypted: part.signature }]
      : [],
  );
}

/** What only OpenAI's own API can read stays behind; the words of such a thought do not. */
function withoutOpenAiSeals(parts: readonly ContentPart[], placeOf: PlaceOf, writing: CallWriting): ContentPart[] {
  return parts.flatMap((part, at): ContentPart[] => {
    if (part.type !== 'reasoning' || part.encrypted?.dialect !== 'openai-responses') return [part];
    const { encrypted: _, id: __, ...words } = part;
    if (words.text !== undefined) return [words];
    lose(writing, placeOf(at), 'only its maker can read this thought');
    return [];
  });
}

/** What stands in `content`: everything that has no member of its own. */
function isSaid(part: ContentPart): boolean {
  switch (part.type) {
    case 'text':
    case 'image':
    case 'video':
    case 'file':
    case 'search-result':
      return true;
    case 'other':
      return !part.name.startsWith('reasoning');
    default:
      return false;
  }
}

/** The thoughts by the name under which the provider takes them back. */
function thoughtsJson(parts: readonly ContentPart[], placeOf: PlaceOf, writing: CallWriting): WireObject {
  const { reasoningField, thoughtNeeded } = writing.traits;
  if (tellsDetails(writing)) {
    const details = reasoningDetails([...withoutOpenAiSeals(parts, placeOf, writing), ...callSeals(parts, writing)]);
    return details.length === 0 ? {} : { reasoning_details: details };
  }
  for (const [at, part] of parts.entries()) {
    if (part.type === 'redacted-reasoning' || (part.type === 'reasoning' && part.text === undefined)) {
      lose(writing, placeOf(at), 'only its maker can read this thought');
    } else if (part.type === 'reasoning' && reasoningField === undefined) {
      lose(writing, placeOf(at), 'this provider takes no thoughts back');
    }
  }
  const none = thoughtNeeded === true ? NO_THOUGHT : undefined;
  const thought = reasoningField === undefined ? undefined : reasoningText(parts) || none;
  return reasoningField === undefined || thought === undefined ? {} : { [reasoningField]: thought };
}
