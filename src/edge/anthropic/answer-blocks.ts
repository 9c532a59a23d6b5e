import type { ContentPart, ReasoningPart, Signature, ToolCallPart } from '../../protocol/chat/content.ts';
import { writeSeal } from '../../protocol/chat/seals.ts';
import { writeCitation } from '../../providers/anthropic/citations.ts';
import { MESSAGES, ownRest } from '../../providers/anthropic/wire.ts';
import type { Fields } from '../../providers/fields.ts';
import { inputOf, PLAIN_INPUT, wrappedArguments } from '../../providers/tool-input.ts';

/** A part of an answer as content blocks, none for what this dialect's answers cannot hold. */
export function answerBlocks(part: ContentPart): Fields[] {
  const block = answerBlock(part);
  if (block === undefined) return [];
  const signed = part.type === 'tool-call' && part.signature !== undefined;
  return signed ? [callSignatureBlock(part.signature), block] : [block];
}

/** What a call's maker wants back with it, in a thought without words before it: a call has no place for it here. */
export function callSignatureBlock(signature: Signature): Fields {
  return { type: 'thinking', thinking: '', signature: writeSeal(MESSAGES, signature, 'call') };
}

/** A part of an answer as the content block that says it. */
export function answerBlock(part: ContentPart): Fields | undefined {
  switch (part.type) {
    case 'text':
      return part.text === '' ? undefined : textBlock(part.text, part.citations, ownRest(part.rest));
    case 'refusal':
      return part.text === '' ? undefined : textBlock(part.text, undefined, undefined);
    case 'audio':
      return part.transcript === undefined ? undefined : textBlock(part.transcript, undefined, undefined);
    case 'reasoning':
      return thoughtBlock(part);
    case 'redacted-reasoning':
      return { type: 'redacted_thinking', data: writeSeal(MESSAGES, part.data, 'redacted'), ...ownRest(part.rest) };
    case 'tool-call':
      return { ...toolUseStart(part), input: inputFor(part), ...ownRest(part.rest) };
    case 'hosted-call':
    case 'hosted-result':
    case 'other':
      return part.source.dialect === MESSAGES ? part.source.fields : undefined;
    default:
      return undefined;
  }
}

function textBlock(
  text: string,
  citations: Extract<ContentPart, { type: 'text' }>['citations'],
  rest: Fields | undefined,
): Fields {
  const written = citations?.flatMap((citation) => writeCitation(citation) ?? []) ?? [];
  return { type: 'text', text, ...(written.length === 0 ? {} : { citations: written }), ...rest };
}

/** A thought that can be read, or the seal alone of one that cannot. */
function thoughtBlock(part: ReasoningPart): Fields | undefined {
  const { text, signature, encrypted } = part;
  if (text === undefined && signature === undefined) {
    return encrypted === undefined
      ? undefined
      : { type: 'redacted_thinking', data: writeSeal(MESSAGES, encrypted, 'encrypted', part) };
  }
  return { type: 'thinking', thinking: text ?? '', signature: thoughtSeal(part), ...ownRest(part.rest) };
}

/** A thought has room for one seal: the signature that lets its maker go on with it, else the sealed thought. */
export function thoughtSeal(thought: Omit<ReasoningPart, 'type' | 'text'>): string {
  const { signature, encrypted } = thought;
  return signature === undefined && encrypted !== undefined
    ? writeSeal(MESSAGES, encrypted, 'encrypted', thought)
    : writeSeal(MESSAGES, signature, 'signature', thought);
}

/** A tool call before its input: who calls it is said in each, and here it is always the model. */
export function toolUseStart({ id, name }: Pick<ToolCallPart, 'id' | 'name'>): Fields {
  return { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } };
}

function inputFor(part: ToolCallPart): object {
  if (part.kind === 'custom') return { [PLAIN_INPUT]: part.arguments };
  return inputOf(part.arguments) ?? wrappedArguments(part.arguments);
}
