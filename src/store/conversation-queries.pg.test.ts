import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, enginesHere, openEngine } from '../../test/support/engines.ts';
import { HISTORY_BYTES_MAX } from '../protocol/kept-response.ts';
import {
  appendItems,
  conversationById,
  conversationItems,
  deleteConversation,
  deleteItem,
  dropExpiredConversations,
  insertConversation,
  setConversationMetadata,
} from './conversation-queries.ts';
import type { Store } from './store.ts';

const AT = Date.UTC(2027, 4, 1);
const LATER = AT + 1_000;
const owner = { organisation: 'org_a', project: 'proj_a' };
const place = { owner, id: 'conv_1', at: AT };
const strangers = [
  { organisation: 'org_a', project: 'proj_b' },
  { organisation: 'org_b', project: 'proj_a' },
];
const item = (id: string, deployment?: string) => ({
  id,
  item: { role: 'user', content: `${id} \u0000` },
  ...(deployment === undefined ? {} : { deployment }),
});

describe.each(await enginesHere())('kept conversations on the %s engine', (name) => {
  let engine: Engine;
  let store: Store;

  beforeAll(async () => {
    engine = await openEngine(name, { fsync: false });
    ({ store } = engine);
    const conversation = { id: 'conv_1', createdAt: AT, metadata: { topic: 'x' } };
    await insertConversation(store.database, owner, conversation, [item('msg_1'), item('msg_2')], LATER);
  });

  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
  });

  test('items stay in the order in which they came, with who gave them', async () => {
    const { database } = store;
    expect(await appendItems(database, place, [item('msg_3', 'one/main'), item('msg_4')], LATER)).toBe(true);
    const all = [item('msg_1'), item('msg_2'), item('msg_3', 'one/main'), item('msg_4')];
    expect(await conversationItems(database, place)).toEqual(all);
    expect(await deleteItem(database, place, 'msg_2')).toBe(true);
    expect(await deleteItem(database, place, 'msg_2')).toBe(false);
    expect(await conversationItems(database, place)).toEqual(all.filter(({ id }) => id !== 'msg_2'));
  });

  test('what a client says of it can be said anew', async () => {
    const { database } = store;
    expect(await setConversationMetadata(database, place, { topic: 'y' })).toBe(true);
    expect(await conversationById(database, place)).toEqual({ id: 'conv_1', createdAt: AT, metadata: { topic: 'y' } });
  });

  test('to another project, and after its time, it is not there', async () => {
    const { database } = store;
    for (const elsewhere of [
      ...strangers.map((stranger) => ({ ...place, owner: stranger })),
      { ...place, at: LATER },
    ]) {
      expect(await conversationById(database, elsewhere)).toBeUndefined();
      expect(await conversationItems(database, elsewhere)).toBeUndefined();
      expect(await setConversationMetadata(database, elsewhere, {})).toBe(false);
      expect(await appendItems(database, elsewhere, [item('msg_9')], LATER)).toBe(false);
      expect(await deleteItem(database, elsewhere, 'msg_1')).toBe(false);
    }
    for (const stranger of strangers) expect(await deleteConversation(database, stranger, 'conv_1')).toBe(false);
  });

  test('it cannot grow beyond its bound, and each addition keeps it longer', async () => {
    const { database } = store;
    const great = { id: 'msg_great', item: 'x'.repeat(HISTORY_BYTES_MAX) };
    await expect(appendItems(database, place, [great], LATER)).rejects.toMatchObject({
      code: 'context_length_exceeded',
    });
    await appendItems(database, place, [], LATER + 1_000);
    expect(await conversationById(database, { ...place, at: LATER })).toBeDefined();
  });

  test('it goes with its items, when it is deleted or its time is over', async () => {
    const { database } = store;
    const other = { id: 'conv_2', createdAt: AT, metadata: {} };
    await insertConversation(database, owner, other, [item('msg_1')], LATER);
    expect(await dropExpiredConversations(database, LATER, () => false)).toBe(1);
    expect(await conversationById(database, place)).toBeDefined();
    expect(await deleteConversation(database, owner, 'conv_1')).toBe(true);
    const left = await database.selectFrom('conversation_items').selectAll().execute();
    expect(left).toEqual([]);
  });
});
