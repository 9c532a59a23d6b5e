import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, enginesHere, openEngine } from '../../test/support/engines.ts';
import { HISTORY_TURNS_MAX, type KeptResponse } from '../protocol/kept-response.ts';
import { deleteResponse, dropExpiredResponses, historyUpTo, insertResponse, responseById } from './response-queries.ts';
import type { Store } from './store.ts';

const AT = Date.UTC(2027, 4, 1);
const LATER = AT + 1_000;
const owner = { organisation: 'org_a', project: 'proj_a' };
const strangers = [
  { organisation: 'org_a', project: 'proj_b' },
  { organisation: 'org_b', project: 'proj_a' },
];

function kept(id: string, fields: Partial<KeptResponse> = {}): KeptResponse {
  return {
    id,
    keyId: 'key_1',
    createdAt: AT,
    deployment: 'openai/main',
    upstreamKeeps: true,
    input: [{ role: 'user', content: `to ${id} \u0000` }],
    response: { id, output: [{ type: 'message', content: `from ${id}` }] },
    ...fields,
  };
}

describe.each(await enginesHere())('kept answers on the %s engine', (name) => {
  let engine: Engine;
  let store: Store;

  beforeAll(async () => {
    engine = await openEngine(name, { fsync: false });
    ({ store } = engine);
  });

  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
  });

  test('an answer is kept as it was, once, for its own project until it expires', async () => {
    const { database } = store;
    await insertResponse(database, owner, kept('resp_1'), LATER);
    await insertResponse(database, owner, kept('resp_1', { deployment: 'other/main' }), LATER);
    expect(await responseById(database, owner, 'resp_1', AT)).toEqual(kept('resp_1'));
    expect(await responseById(database, owner, 'resp_1', LATER)).toBeUndefined();
    expect(await responseById(database, owner, 'resp_9', AT)).toBeUndefined();
    for (const stranger of strangers) {
      expect(await responseById(database, stranger, 'resp_1', AT)).toBeUndefined();
      expect(await historyUpTo(database, stranger, 'resp_1', AT)).toBeUndefined();
      expect(await deleteResponse(database, stranger, 'resp_1')).toBe(false);
    }
  });

  test('a history is all turns in their order, each with who gave its answer', async () => {
    const { database } = store;
    await insertResponse(database, owner, kept('resp_2', { previousId: 'resp_1', upstreamKeeps: false }), LATER);
    await insertResponse(database, owner, kept('resp_3', { previousId: 'resp_2', deployment: 'claude/main' }), LATER);
    const said = (id: string) => [...kept(id).input, { type: 'message', content: `from ${id}` }];
    expect(await historyUpTo(database, owner, 'resp_3', AT)).toEqual([
      { items: said('resp_1'), deployment: 'openai/main', upstreamKeeps: true },
      { items: said('resp_2'), deployment: 'openai/main', upstreamKeeps: false },
      { items: said('resp_3'), deployment: 'claude/main', upstreamKeeps: true },
    ]);
  });

  test('a history that lacks a turn is none', async () => {
    const { database } = store;
    await insertResponse(database, owner, kept('resp_5', { previousId: 'resp_4' }), LATER);
    expect(await historyUpTo(database, owner, 'resp_5', AT)).toBeUndefined();
    expect(await deleteResponse(database, owner, 'resp_2')).toBe(true);
    expect(await historyUpTo(database, owner, 'resp_3', AT)).toBeUndefined();
  });

  test('a history that is too long is refused, and one that leads back to itself too', async () => {
    const { database } = store;
    await insertResponse(database, owner, kept('resp_round', { previousId: 'resp_round' }), LATER);
    await expect(historyUpTo(database, owner, 'resp_round', AT)).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringContaining(`${HISTORY_TURNS_MAX} turns`),
    });
  });

  test('what has expired is dropped, and nothing else', async () => {
    const { database } = store;
    await insertResponse(database, owner, kept('resp_old'), AT - 1);
    expect(await dropExpiredResponses(database, AT, () => false)).toBe(1);
    expect(await responseById(database, owner, 'resp_1', AT)).toBeDefined();
    expect(await dropExpiredResponses(database, LATER, () => true)).toBe(0);
  });
});
