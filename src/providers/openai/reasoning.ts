import type { Draft } from '../../kernel/draft.ts';
import type {
  ContentPart,
  ReasoningPart,
  RedactedReasoningPart,
  Rest,
  Signature,
} from '../../protocol/chat/content.ts';
import { readSeal, UNSIGNED, writeSeal } from '../../protocol/chat/seals.ts';
import type { Dialect } from '../../protocol/operation.ts';
import { isObject, ownFields, ownRestOf, restOf, someText, type WireObject } from './wire.ts';

/** OpenRouter's names for the forms in which vendors sign and seal thoughts. */
const FORMATS = {
  'anthropic-messages': 'anthropic-claude-v1',
  gemini: 'google-gemini-v1',
  'openai-responses': 'openai-responses-v1',
} as const satisfies Partial<Record<Dialect, string>>;

/**
 * Whose a signature of some form is. OpenAI seals thoughts for one account
 * alone: those that somebody else had sealed there are not ours to send there,
 * and what was sealed for us carries our mark.
 */
const MAKERS: ReadonlyMap<unknown, Dialect> = new Map([
  [FORMATS['anthropic-messages'], 'anthropic-messages'],
  [FORMATS.gemini, 'gemini'],
]);

const CHAT = 'openai-chat';
const KNOWN = new Set(['type', 'text', 'summary', 'data', 'signature', 'format', 'index', 'id']);

/** What stands for a thought that nobody had, for who insists on one: an empty text counts as none. */
export const NO_THOUGHT = ' ';

/** The names under which the family tells what a model thought. */
export const REASONING_NAMES: readonly string[] = ['reasoning_details', 'reasoning_content', 'reasoning'];

/**
 * What a whole message tells of the model's thoughts: its `reasoning_details`
 * (OpenRouter's form, the one with signatures), else the plain text that
 * DeepSeek calls `reasoning_content` and Groq, OpenRouter and Ollama `reasoning`.
 */
export function readReasoning(message: WireObject): ContentPart[] {
  const details = Array.isArray(message['reasoning_details']) ? message['reasoning_details'].filter(isObject) : [];
  const parts: ContentPart[] = [];
  let open: { readonly part: Draft<ReasoningPart>; readonly key: string } | undefined;
  for (const detail of details) {
    const key = detailKey(detail);
    if (open !== undefined && open.key === key && goesOn(open.part, detail)) {
      extend(open.part, detail);
      continue;
    }
    const part = readDetail(detail);
    open = part.type === 'reasoning' && part.encrypted === undefined ? { part, key } : undefined;
    parts.push(part);
  }
  if (parts.some((part) => part.type === 'reasoning' && part.text !== undefined)) return parts;
  const text = plainReasoning(message);
  return text === undefined ? parts : [{ type: 'reasoning', text }, ...parts];
}

/** The text under the plain names. */
export function plainReasoning(message: WireObject): string | undefined {
  return someText(message['reasoning_content']) ?? someText(message['reasoning']);
}

/** Which thought a detail speaks of: clients put the pieces of a stream together, or leave them in pieces. */
export function detailKey({ type, index, id }: WireObject): string {
  return `${String(type)}:${typeof index === 'number' ? index : ''}:${typeof id === 'string' ? id : ''}`;
}

function goesOn(part: ReasoningPart, detail: WireObject): boolean {
  return part.signature === undefined || (someText(detail['text']) ?? someText(detail['summary'])) === undefined;
}

function extend(part: Draft<ReasoningPart>, detail: WireObject): void {
  const more = someText(detail['text']) ?? someText(detail['summary']);
  if (more !== undefined) part.text = (part.text ?? '') + more;
  const signature = detailSignature(detail['signature'], detail);
  if (signature !== undefined) part.signature = signature;
}

/** One entry of `reasoning_details` as a part of its own. */
export function readDetail(detail: WireObject): ContentPart {
  const { type, data } = detail;
  if (type === 'reasoning.encrypted') {
    const sealed = detailSignature(data, detail);
    if (sealed?.dialect === 'anthropic-messages') return { type: 'redacted-reasoning', data: sealed };
    if (sealed !== undefined) return { ...thought(detail), encrypted: sealed };
  }
  if (type === 'reasoning.text' || type === 'reasoning.summary') {
    const part: Draft<ReasoningPart> = thought(detail);
    const text = type === 'reasoning.text' ? detail['text'] : detail['summary'];
    if (typeof text === 'string') part.text = text;
    if (type === 'reasoning.summary') part.summary = true;
    const signature = detailSignature(detail['signature'], detail);
    if (signature !== undefined) part.signature = signature;
    return part;
  }
  return { type: 'other', name: typeof type === 'string' ? type : 'reasoning', source: ownRestOf(detail) };
}

function thought(detail: WireObject): Draft<ReasoningPart> {
  const part: Draft<ReasoningPart> = { type: 'reasoning' };
  const id = someText(detail['id']);
  if (id !== undefined) part.id = id;
  const rest = detailRest(detail);
  if (rest !== undefined) part.rest = rest;
  return part;
}

/** A format is told again by whose signature it is; one of which that is not known is kept by name. */
export function detailRest(detail: WireObject): Rest | undefined {
  const { format } = detail;
  const named = typeof format === 'string' && !MAKERS.has(format) && !isMarked(detail['data']);
  const more = restOf(detail, KNOWN);
  return named ? ownRestOf({ ...more?.fields, format }) : more;
}

/** What its maker wants back unread. Whose it is, the `format` says. */
export function detailSignature(value: unknown, { format }: WireObject): Signature | undefined {
  const text = someText(value);
  if (text === undefined) return undefined;
  if (isMarked(text)) return readSeal(CHAT, text, 'encrypted')?.signature;
  return { value: text, dialect: MAKERS.get(format) ?? CHAT };
}

function isMarked(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith(UNSIGNED);
}

/** A signature as a detail holds it. */
export function detailSeal(signature: Signature): string {
  return signature.dialect === 'openai-responses' ? writeSeal(CHAT, signature, 'encrypted') : signature.value;
}

/** The `format` of what one dialect signed or sealed. */
export function formatOf(signature: Signature, rest?: Rest): WireObject {
  const { format } = ownFields(rest);
  if (typeof format === 'string') return { format };
  return Object.hasOwn(FORMATS, signature.dialect)
    ? { format: FORMATS[signature.dialect as keyof typeof FORMATS] }
    : {};
}

/** The thoughts among some parts in OpenRouter's form, numbered from 0. */
export function reasoningDetails(parts: readonly ContentPart[]): WireObject[] {
  const details: WireObject[] = [];
  for (const part of parts) {
    const detail = detailOf(part);
    if (detail !== undefined) details.push({ ...detail, index: details.length });
  }
  return details;
}

function detailOf(part: ContentPart): Record<string, unknown> | undefined {
  if (part.type === 'redacted-reasoning') return sealedDetail(part);
  if (part.type === 'reasoning') return thoughtDetail(part);
  return part.type === 'other' && part.name.startsWith('reasoning') ? { ...ownFields(part.source) } : undefined;
}

function sealedDetail({ data }: RedactedReasoningPart): Record<string, unknown> {
  return { type: 'reasoning.encrypted', data: detailSeal(data), ...formatOf(data) };
}

function thoughtDetail({ text, summary, id, signature, encrypted, rest }: ReasoningPart): Record<string, unknown> {
  const named = id === undefined ? {} : { id };
  const more = ownFields(rest);
  if (encrypted !== undefined) {
    return {
      ...more,
      type: 'reasoning.encrypted',
      data: detailSeal(encrypted),
      ...named,
      ...formatOf(encrypted, rest),
    };
  }
  const told = text ?? '';
  const words =
    summary === true ? { type: 'reasoning.summary', summary: told } : { type: 'reasoning.text', text: told };
  const signed = signature === undefined ? {} : { signature: detailSeal(signature), ...formatOf(signature, rest) };
  return { ...more, ...words, ...named, ...signed };
}

/** The thoughts as one text; `undefined` where none is readable. */
export function reasoningText(parts: readonly ContentPart[]): string | undefined {
  const texts = parts.flatMap((part) => (part.type === 'reasoning' && part.text !== undefined ? [part.text] : []));
  return texts.length === 0 ? undefined : texts.join('');
}
