import { GatewayError } from '../../kernel/errors.ts';
import type { KeptConversation, KeptItem } from '../../protocol/kept-conversation.ts';
import type { ResponseOwner } from '../../protocol/kept-response.ts';
import type { BodyReceiver } from '../http/body.ts';
import { readJson } from '../http/json-body.ts';
import { sendJson } from '../http/reads.ts';
import type { Route, RouteContext } from '../http/routes.ts';
import { invalidField, isObject } from '../request-object.ts';
import { itemPage, type ListedItem, listedItem } from './input-items.ts';

/** Where conversations are kept: each project's own, and no others. What is not there is `undefined` or false. */
export interface ConversationDesk {
  /** @throws `unsupported_parameter` where nothing is kept */
  begin(
    owner: ResponseOwner,
    metadata: KeptConversation['metadata'],
    items: readonly unknown[],
  ): Promise<KeptConversation>;
  findConversation(owner: ResponseOwner, id: string): Promise<KeptConversation | undefined>;
  describe(owner: ResponseOwner, id: string, metadata: KeptConversation['metadata']): Promise<boolean>;
  dropConversation(owner: ResponseOwner, id: string): Promise<boolean>;
  items(owner: ResponseOwner, id: string): Promise<readonly KeptItem[] | undefined>;
  /** @throws `context_length_exceeded` */
  append(owner: ResponseOwner, id: string, items: readonly unknown[]): Promise<readonly KeptItem[] | undefined>;
  dropItem(owner: ResponseOwner, id: string, itemId: string): Promise<boolean>;
}

export interface ConversationRouteParts {
  readonly bodies: BodyReceiver;
  readonly conversations: ConversationDesk;
}

const BASE = '/v1/conversations';
const BODY_BYTES_MAX = 16 * 1024 * 1024;
/** As many as OpenAI takes at once (openai 7.55.0, ItemCreateParams). */
const ITEMS_MAX = 20;

/** What a client may do with its conversations. */
export function conversationRoutes({ bodies, conversations: desk }: ConversationRouteParts): Route[] {
  const base = { guard: 'key', metering: 'none' } as const;
  const read = async (context: RouteContext) => {
    const body = (await readJson(context, bodies, 'a conversation', BODY_BYTES_MAX)) ?? {};
    if (!isObject(body)) throw invalidField(undefined, 'The request body must be a JSON object.');
    return body;
  };
  const found = async (context: RouteContext) =>
    there(await desk.findConversation(ownerOf(context), context.param), context.param);
  return [
    {
      ...base,
      method: 'POST',
      path: BASE,
      async handle(context) {
        const { metadata, items } = await read(context);
        answer(context, objectOf(await desk.begin(ownerOf(context), metadataIn(metadata), itemsIn(items ?? []))));
      },
    },
    {
      ...base,
      method: 'GET',
      path: `${BASE}/{id}`,
      handle: async (context) => answer(context, objectOf(await found(context))),
    },
    {
      ...base,
      method: 'POST',
      path: `${BASE}/{id}`,
      async handle(context) {
        const metadata = metadataIn((await read(context))['metadata']);
        const known = await desk.describe(ownerOf(context), context.param, metadata);
        if (!known) throw notFound(context.param);
        answer(context, objectOf(await found(context)));
      },
    },
    {
      ...base,
      method: 'DELETE',
      path: `${BASE}/{id}`,
      async handle(context) {
        const id = context.param;
        if (!(await desk.dropConversation(ownerOf(context), id))) throw notFound(id);
        answer(context, { id, object: 'conversation.deleted', deleted: true });
      },
    },
    {
      ...base,
      method: 'GET',
      path: `${BASE}/{id}/items`,
      async handle(context) {
        const items = there(await desk.items(ownerOf(context), context.param), context.param);
        answer(context, itemPage(items.map(listed), context.query));
      },
    },
    {
      ...base,
      method: 'POST',
      path: `${BASE}/{id}/items`,
      async handle(context) {
        const items = itemsIn((await read(context))['items']);
        const added = there(await desk.append(ownerOf(context), context.param, items), context.param);
        answer(context, itemPage(added.map(listed), 'order=asc&limit=100'));
      },
    },
    ...itemRoutes(desk, found),
  ];
}

/** One item of a conversation: the path has two names, which are taken apart here. */
function itemRoutes(desk: ConversationDesk, found: (context: RouteContext) => Promise<KeptConversation>): Route[] {
  const base = { guard: 'key', metering: 'none', path: `${BASE}/{item+}` } as const;
  return [
    {
      ...base,
      method: 'GET',
      async handle(context) {
        const { id, itemId } = namesIn(context.param);
        const items = there(await desk.items(ownerOf(context), id), id);
        const item = items.find((each) => each.id === itemId);
        if (item === undefined) throw itemNotFound(itemId, id);
        answer(context, listed(item));
      },
    },
    {
      ...base,
      method: 'DELETE',
      async handle(context) {
        const { id, itemId } = namesIn(context.param);
        const conversation = await found({ ...context, param: id });
        if (!(await desk.dropItem(ownerOf(context), id, itemId))) throw itemNotFound(itemId, id);
        answer(context, objectOf(conversation));
      },
    },
  ];
}

function namesIn(path: string): { readonly id: string; readonly itemId: string } {
  const [id = '', items, itemId, ...more] = path.split('/');
  if (items !== 'items' || itemId === undefined || more.length > 0) throw notFound(id);
  return { id, itemId };
}

function answer({ res, requestId }: RouteContext, value: object): void {
  sendJson(res, requestId, value);
}

function listed({ id, item }: KeptItem): ListedItem {
  return listedItem(item, id);
}

function objectOf({ id, createdAt, metadata }: KeptConversation): object {
  return { id, object: 'conversation', created_at: Math.floor(createdAt / 1_000), metadata };
}

function ownerOf({ caller }: RouteContext): ResponseOwner {
  if (caller === undefined) throw new GatewayError('internal', { message: 'The route has no caller.' });
  return caller;
}

function metadataIn(value: unknown): KeptConversation['metadata'] {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw invalidField('metadata', "'metadata' must be an object.");
  return value;
}

function itemsIn(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length > ITEMS_MAX || !value.every(isObject)) {
    throw invalidField('items', `'items' must be an array of at most ${ITEMS_MAX} items.`);
  }
  return value;
}

function there<Value>(value: Value | undefined, id: string): Value {
  if (value === undefined) throw notFound(id);
  return value;
}

function notFound(id: string): GatewayError {
  return new GatewayError('not_found', { message: `Conversation with id '${id.slice(0, 100)}' not found.` });
}

function itemNotFound(itemId: string, id: string): GatewayError {
  return new GatewayError('not_found', {
    message: `Item with id '${itemId.slice(0, 100)}' not found in the conversation '${id.slice(0, 100)}'.`,
  });
}
