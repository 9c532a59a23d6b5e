import type { SaidText } from '../../exchange/said-text.ts';
import { isObject } from '../request-object.ts';

/** Members of an item in which its model has said something: what it calls, and with what. */
const SPOKEN = ['name', 'arguments', 'input', 'code'] as const;

/** Adds what an item of an answer says: texts, refusals, thoughts, and what tools are called with. */
export function addItem(said: SaidText, item: unknown): void {
  if (!isObject(item)) return;
  addTexts(said, item['summary']);
  addTexts(said, item['content']);
  for (const member of SPOKEN) {
    const value = item[member];
    if (typeof value === 'string') said.add(value);
  }
}

function addTexts(said: SaidText, parts: unknown): void {
  if (!Array.isArray(parts)) return;
  for (const part of parts) {
    const text = isObject(part) ? (part['text'] ?? part['refusal']) : undefined;
    if (typeof text === 'string') said.add(text);
  }
}

/** Items that begin empty and are filled by the events that follow. */
const FILLED_LATER: ReadonlySet<unknown> = new Set(['message', 'reasoning']);

/** Whether an item, as it is begun or ended, is by itself something for the client to see. */
export function isContent(item: unknown): boolean {
  if (!isObject(item)) return false;
  if (!FILLED_LATER.has(item['type'])) return true;
  return hasElements(item['content']) || hasElements(item['summary']);
}

function hasElements(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
