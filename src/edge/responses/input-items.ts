import { invalidField, isObject } from '../request-object.ts';

export type ListedItem = Readonly<Record<string, unknown>> & { readonly id: string };

const LIMIT_MAX = 100;
const LIMIT_USUAL = 20;

/**
 * The items of one request, page by page, the last one first unless asked otherwise.
 *
 * @param query with `after`, `limit` and `order`
 * @throws `invalid_request` naming the parameter
 */
export function inputItemPage(responseId: string, input: readonly unknown[], query: string): object {
  return itemPage(
    input.map((item, at) => listedItem(item, `${responseId.replace(/^resp_/, 'msg_')}_${at}`)),
    query,
  );
}

/** The same for items that are listed as they are. @param all the first one first */
export function itemPage(all: readonly ListedItem[], query: string): object {
  const asked = new URLSearchParams(query);
  const items = [...all];
  if (asked.get('order') !== 'asc') items.reverse();
  const after = asked.get('after');
  const from = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0)
    throw invalidField('after', `There is no item '${after.slice(0, 100)}' in this list.`);
  const limit = limitOf(asked.get('limit'));
  const data = items.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: items.length > from + limit,
  };
}

/** An item as it would be listed had it been sent in full: with an id, and a message with its parts. */
export function listedItem(item: unknown, id: string): ListedItem {
  const fields = isObject(item) ? item : {};
  const { type = 'message', role, content } = fields;
  const own = typeof fields['id'] === 'string' ? fields['id'] : id;
  if (type !== 'message') return { ...fields, id: own };
  const kind = role === 'assistant' ? 'output_text' : 'input_text';
  const parts = typeof content === 'string' ? [{ type: kind, text: content }] : content;
  return { status: 'completed', ...fields, id: own, type: 'message', content: parts };
}

function limitOf(asked: string | null): number {
  if (asked === null) return LIMIT_USUAL;
  const limit = Number(asked);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw invalidField('limit', `'limit' must be a whole number from 1 to ${LIMIT_MAX}.`);
}
