import type { Draft } from '../../kernel/draft.ts';
import type { ReasoningPart } from '../../protocol/chat/content.ts';
import { isObject, someText, type WireObject } from '../openai/wire.ts';
import { ownFields, ownRestOf, RESPONSES, restOf } from './wire.ts';

const KNOWN = new Set(['type', 'id', 'summary', 'content', 'encrypted_content', 'status']);

/** Between the parts of a summary, which are paragraphs with a heading each. */
export const SUMMARY_BREAK = '\n\n';

/**
 * An item `reasoning`: the thought itself where it is shown (`content`, by
 * models that are not OpenAI's), else its summary; and the whole of it, sealed.
 */
export function readReasoning(item: WireObject): ReasoningPart {
  const part: Draft<ReasoningPart> = { type: 'reasoning' };
  const thought = textsOf(item['content']);
  const summary = textsOf(item['summary']);
  if (thought.length > 0) part.text = thought.join('');
  else if (summary.length > 0) {
    part.text = summary.join(SUMMARY_BREAK);
    part.summary = true;
  }
  const id = someText(item['id']);
  if (id !== undefined) part.id = id;
  const sealed = someText(item['encrypted_content']);
  if (sealed !== undefined) part.encrypted = { value: sealed, dialect: RESPONSES };
  const more = restOf(item, KNOWN)?.fields;
  // Of a summary in several parts, the text no longer tells them apart.
  const parts = summary.length > 0 && (summary.length > 1 || thought.length > 0) ? { summary: item['summary'] } : {};
  if (more !== undefined || 'summary' in parts) part.rest = ownRestOf({ ...more, ...parts });
  return part;
}

function textsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).flatMap(({ text }) => (typeof text === 'string' && text !== '' ? [text] : []));
}

/** A thought as the item that it was, or would have been: with its id only where its seal goes with it. */
export function reasoningJson(part: ReasoningPart): WireObject {
  const { text, summary, id, encrypted, rest } = part;
  const { summary: parts, ...more } = ownFields(rest);
  const own = encrypted?.dialect === RESPONSES ? encrypted.value : undefined;
  const summarized = summary === true && text !== undefined ? [{ type: 'summary_text', text }] : [];
  return {
    ...more,
    type: 'reasoning',
    ...(own === undefined || id === undefined ? {} : { id }),
    summary: Array.isArray(parts) ? parts : summarized,
    ...(summary === true || text === undefined ? {} : { content: [{ type: 'reasoning_text', text }] }),
    ...(own === undefined ? {} : { encrypted_content: own }),
  };
}
