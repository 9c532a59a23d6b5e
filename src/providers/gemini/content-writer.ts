import type { ChatMessage } from '../../protocol/chat/call.ts';
import { type Fields, isFields } from '../fields.ts';
import { type CallWriting, refused } from './call-losses.ts';
import { type Speaker, writePart } from './part-writer.ts';
import { isResult, writeResult } from './result-writer.ts';
import { ownRest } from './wire.ts';

/** What Google takes where a call has no signature of its own. @see ai.google.dev/gemini-api/docs/thought-signatures (read 2026-11-22) */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

export interface WrittenContents {
  readonly systemInstruction?: Fields;
  readonly contents: readonly Fields[];
}

interface Turn {
  readonly role: Speaker;
  /** Results of functions, each with its place among the calls that it answers. */
  readonly results: { readonly order: number; readonly part: Fields }[];
  readonly parts: Fields[];
  rest: Fields | undefined;
}

/** A call of the conversation: which function, and the how many-th. */
interface Called {
  readonly name: string;
  readonly order: number;
}

/**
 * Instructions are kept apart here, wherever they stood. What one side says in
 * several messages is one content; the results of one turn's calls come first
 * in it, in the order of the calls, because that is how a call without an id is
 * told apart from the next.
 */
export function writeContents(writing: CallWriting): WrittenContents {
  const calls = calledIn(writing.call.messages);
  const system: Fields[] = [];
  const turns: Turn[] = [];
  for (const [index, message] of writing.call.messages.entries()) {
    if (message.role === 'system' || message.role === 'developer') {
      system.push(...instructions(message, index, turns.length > 0, writing));
    } else addMessage(turns, message, index, calls, writing);
  }
  const contents = turns.map(contentOf);
  if (writing.habits.checksSignatures) signCurrentTurn(contents);
  // Whoever sends nothing but instructions wants them carried out.
  if (contents.length === 0 && system.length > 0) return { contents: [{ role: 'user', parts: system }] };
  return { ...(system.length === 0 ? {} : { systemInstruction: { parts: system } }), contents };
}

function calledIn(messages: readonly ChatMessage[]): Map<string, Called> {
  const calls = new Map<string, Called>();
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type === 'tool-call') calls.set(part.id, { name: part.name, order: calls.size });
    }
  }
  return calls;
}

function instructions(message: ChatMessage, index: number, later: boolean, writing: CallWriting): Fields[] {
  const parts = message.parts.flatMap((part, at) => {
    const place = writing.placeOf(index, at);
    const written = writePart(part, place, 'user', writing);
    if (written.some(({ text }) => typeof text !== 'string')) refused(place, 'instructions are text here');
    return written;
  });
  if (later && parts.length > 0) {
    const place = writing.placeOf(index, 0).replace(/\.(?:content|parts)\[\d+\]$/, '');
    writing.lose(place, 'instructions stand before the conversation here, and so does this one');
  }
  return parts;
}

function addMessage(
  turns: Turn[],
  message: ChatMessage,
  index: number,
  calls: ReadonlyMap<string, Called>,
  writing: CallWriting,
): void {
  const role = message.role === 'assistant' ? 'model' : 'user';
  const turn: Turn = { role, results: [], parts: [], rest: ownRest(message.rest) };
  for (const [at, part] of message.parts.entries()) {
    const place = writing.placeOf(index, at);
    if (!isResult(part)) {
      turn.parts.push(...writePart(part, place, role, writing));
      continue;
    }
    const called = calls.get(part.callId);
    const { response, after } = writeResult(part, called?.name ?? part.name ?? part.callId, place, writing);
    turn.results.push({ order: called?.order ?? Number.MAX_SAFE_INTEGER, part: response });
    turn.parts.push(...after);
  }
  // The API refuses a content without parts, and there is nothing in it that could be lost.
  if (turn.results.length === 0 && turn.parts.length === 0) return;
  const last = turns.at(-1);
  if (last?.role !== role) turns.push(turn);
  else {
    last.results.push(...turn.results);
    last.parts.push(...turn.parts);
    last.rest ??= turn.rest;
  }
}

function contentOf({ role, results, parts, rest }: Turn): Fields {
  const ordered = results.toSorted((one, other) => one.order - other.order).map(({ part }) => part);
  return { role, parts: [...ordered, ...parts], ...rest };
}

/**
 * Since the user last spoke, each step of the model's has to bear the signature
 * of the thought that led to it, on its first call. Where another model took
 * the step, or a client has lost the signature, Google wants to be told that
 * there is none.
 */
function signCurrentTurn(contents: Fields[]): void {
  const asked = contents.findLastIndex((content) => content['role'] === 'user' && !partsIn(content).some(isResponse));
  for (const [at, content] of contents.entries()) {
    if (at <= asked || content['role'] !== 'model') continue;
    const parts = partsIn(content);
    const first = parts.findIndex((part) => isFields(part['functionCall']));
    const call = parts[first];
    if (call === undefined || call['thoughtSignature'] !== undefined) continue;
    contents[at] = { ...content, parts: parts.with(first, { ...call, thoughtSignature: NO_SIGNATURE }) };
  }
}

function partsIn(content: Fields): readonly Fields[] {
  return content['parts'] as readonly Fields[];
}

function isResponse(part: Fields): boolean {
  return part['functionResponse'] !== undefined;
}
