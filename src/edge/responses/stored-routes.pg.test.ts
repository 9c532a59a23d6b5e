import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestGateway, testKey } from '../../../test/support/gateway.ts';
import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../../../test/support/raw-upstream.ts';
import { responsesProvider } from '../../../test/support/responses-provider.ts';
import { makeKey } from '../../access/key-format.ts';
import { responseMemory } from '../../compose/response-memory.ts';
import { systemClock } from '../../kernel/clock.ts';
import { IdMaker } from '../../kernel/ids.ts';
import { systemRandom } from '../../kernel/random.ts';
import type { Store } from '../../store/store.ts';
import { openScratchStore, type ScratchDirectory, scratchDirectory } from '../../store/testing/scratch.ts';
import { eventText } from './errors.ts';

let scratch: ScratchDirectory;
let store: Store;
let upstream: RawUpstream;
let gateway: TestGateway;
let client: OpenAI;
let days = 30;
/** How far the clock of what is kept is ahead. */
let aheadMs = 0;
let made = 0;

beforeAll(async () => {
  scratch = await scratchDirectory();
  store = await openScratchStore(scratch.path);
});

afterAll(async () => {
  await store.close();
  await scratch[Symbol.asyncDispose]();
});

/** Answers of Responses and of Chat Completions, each with an id of its own. */
const said = (text: string) => ({
  id: `msg_${text}`,
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
});
const sealedBy = (n: number) => ({ type: 'reasoning', id: `rs_${n}`, summary: [], encrypted_content: `gAAA${n}` });

beforeEach(async () => {
  upstream = await RawUpstream.start((socket, { head, body }) => {
    const { stream } = JSON.parse(body) as { stream?: boolean };
    const n = ++made;
    const sealed = sealedBy(n);
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    const answer = {
      id: `resp_${n}`,
      object: 'response',
      created_at: 1,
      status: 'completed',
      model: 'm',
      output: [sealed, said(`t${n}`)],
      usage,
    };
    if (head.startsWith('POST /v1/chat/completions')) {
      const choices = [{ index: 0, message: { role: 'assistant', content: `t${n}` }, finish_reason: 'stop' }];
      const chat = { id: `c${n}`, object: 'chat.completion', created: 1, model: 'm', choices };
      socket.write(answerBytes(200, 'application/json', JSON.stringify(chat)));
    } else if (stream === true) {
      const begun = { ...answer, status: 'in_progress', output: [] };
      const events = [
        eventText({ type: 'response.created', response: begun, sequence_number: 0 }),
        eventText({ type: 'response.output_item.added', output_index: 0, item: sealed, sequence_number: 1 }),
        eventText({ type: 'response.output_item.done', output_index: 0, item: sealed, sequence_number: 2 }),
        eventText({ type: 'response.completed', response: answer, sequence_number: 3 }),
      ];
      socket.write(STREAM_HEAD);
      for (const event of events) socket.write(httpChunk(event));
      socket.write(LAST_CHUNK);
    } else socket.write(answerBytes(200, 'application/json', JSON.stringify(answer)));
  });
  days = 30;
  aheadMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  gateway = await TestGateway.start({
    upstreams: { chat: upstream.baseUrl },
    providers: ['gpt', 'other'].map((name) => responsesProvider(name, upstream.baseUrl)),
    routes: {
      dropping: {
        targets: [
          { target: 'other/m', weight: 1 },
          { target: 'gpt/m', weight: 1 },
        ],
      },
      refusing: {
        targets: [
          { target: 'other/m', weight: 1 },
          { target: 'gpt/m', weight: 1 },
        ],
        policies: { on: {}, degrade: [], encryptedState: 'refuse' },
      },
      elsewhere: {
        targets: [
          { target: 'other/m', weight: 1 },
          { target: 'chat/m', weight: 1 },
        ],
        policies: { on: {}, degrade: [], encryptedState: 'refuse' },
      },
    },
    memory: responseMemory({
      database: store.database,
      clock,
      ids: new IdMaker(clock, systemRandom()),
      retentionDays: () => days,
    }),
  });
  client = new OpenAI({ apiKey: gateway.key, baseURL: gateway.baseUrl, maxRetries: 0 });
});

afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const lastBody = () => JSON.parse(upstream.seen.at(-1)?.body ?? '') as Record<string, unknown>;
const user = (text: string) => ({ type: 'message', role: 'user', content: text });
const thrownBy = (call: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(call).then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  );
const NOT_FOUND = { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' };

describe('a turn that follows an earlier one', () => {
  test('goes as it came to the deployment that answered before', async () => {
    const first = await client.responses.create({ model: 'gpt/m', input: 'a' });
    await client.responses.create({ model: 'gpt/m', input: 'b', previous_response_id: first.id });
    expect(lastBody()).toEqual({ model: 'm', input: 'b', previous_response_id: first.id });
  });

  test('takes all turns along to another one, whole or streamed, but not what that one cannot open', async () => {
    const first = await client.responses.create({ model: 'gpt/m', input: 'a' });
    const stream = client.responses.stream({ model: 'gpt/m', input: 'b', previous_response_id: first.id });
    const second = await stream.finalResponse();
    const { data, response } = await client.responses
      .create({ model: 'other/m', input: 'c', previous_response_id: second.id })
      .withResponse();
    expect(lastBody()).toEqual({
      model: 'm',
      input: [user('a'), first.output[1], user('b'), said(`t${made - 1}`), user('c')],
    });
    expect(response.headers.get('x-leeward-warnings')).toBe(
      'previous_response_id: 2 thoughts of earlier turns are sealed by another deployment',
    );
    await client.responses.create({ model: 'chat/m', input: 'd', previous_response_id: data.id });
    expect(lastBody()['messages']).toHaveLength(7);
    expect(gateway.unexpected).toEqual([]);
  });

  test('may follow a translated one, whose answer says what it followed', async () => {
    const first = await client.responses.create({ model: 'chat/m', input: 'a' });
    const second = await client.responses.create({ model: 'chat/m', input: 'b', previous_response_id: first.id });
    expect(second.previous_response_id).toBe(first.id);
    expect(lastBody()['messages']).toMatchObject([{ content: 'a' }, { content: first.output_text }, { content: 'b' }]);
    await client.responses.create({ model: 'gpt/m', input: 'c', previous_response_id: second.id });
    expect(lastBody()).not.toHaveProperty('previous_response_id');
    expect(lastBody()['input']).toHaveLength(5);
  });

  test('is counted with all of it', async () => {
    const first = await client.responses.create({ model: 'chat/m', input: 'a '.repeat(500) });
    const { input_tokens: tokens } = await client.responses.inputTokens.count({
      model: 'chat/m',
      input: 'b',
      previous_response_id: first.id,
    });
    expect(tokens).toBeGreaterThan(200);
  });

  test('that nobody keeps is refused in OpenAI’s words, and reaches nobody', async () => {
    const first = await client.responses.create({ model: 'gpt/m', input: 'a', store: false });
    const asked = upstream.seen.length;
    const follow = () =>
      thrownBy(client.responses.create({ model: 'gpt/m', input: 'b', previous_response_id: first.id }));
    expect(await follow()).toMatchObject({
      ...NOT_FOUND,
      error: { message: `Previous response with id '${first.id}' not found.`, type: 'invalid_request_error' },
    });
    expect(upstream.seen).toHaveLength(asked);
  });
});

test('a thought that a client brings back itself goes to the deployment that sealed it, and to no other', async () => {
  const first = await client.responses.create({ model: 'gpt/m', input: 'a', store: false });
  const input = [...first.output, { role: 'user' as const, content: 'b' }] as OpenAI.Responses.ResponseInput;
  const again = (model: string) => client.responses.create({ model, input, store: false }).withResponse();
  const same = await again('gpt/m');
  expect(lastBody()['input']).toEqual(input);
  expect(same.response.headers.get('x-leeward-warnings')).toBe('none');
  const { response } = await again('other/m');
  expect(lastBody()['input']).toEqual(input.slice(1));
  expect(response.headers.get('x-leeward-warnings')).toBe('input[0]: a thought that another deployment sealed');
});

describe('on a route', () => {
  const target = (response: Response) => response.headers.get('x-leeward-provider');

  test('who sealed what a client brings back, or keeps what it refers to, is asked first', async () => {
    const first = await client.responses.create({ model: 'gpt/m', input: 'a', store: false });
    const input = [...first.output, { role: 'user' as const, content: 'b' }] as OpenAI.Responses.ResponseInput;
    const brought = await client.responses.create({ model: 'route/dropping', input }).withResponse();
    expect(target(brought.response)).toBe('gpt');
    expect(brought.response.headers.get('x-leeward-route-reason')).toContain('it keeps or sealed');
    expect(lastBody()['input']).toEqual(input);
    const following = { model: 'route/dropping', input: 'c', previous_response_id: brought.data.id };
    expect(target((await client.responses.create(following).withResponse()).response)).toBe('gpt');
    const fresh = await client.responses.create({ model: 'route/dropping', input: 'd' }).withResponse();
    expect(target(fresh.response)).toBe('other');
  });

  test('that refuses, nobody else is told less: not natively, not translated, not of what is kept', async () => {
    const first = await client.responses.create({ model: 'gpt/m', input: 'a' });
    const input = [...first.output, { role: 'user' as const, content: 'b' }] as OpenAI.Responses.ResponseInput;
    const own = await client.responses.create({ model: 'route/refusing', input }).withResponse();
    expect(target(own.response)).toBe('gpt');
    const asked = upstream.seen.length;
    const refused = { status: 400, code: 'unsupported_parameter' };
    expect(await thrownBy(client.responses.create({ model: 'route/elsewhere', input }))).toMatchObject({
      ...refused,
      param: 'input[0]',
    });
    const following = { model: 'route/elsewhere', input: 'c', previous_response_id: first.id };
    expect(await thrownBy(client.responses.create(following))).toMatchObject(refused);
    expect(upstream.seen).toHaveLength(asked);
    const open = await client.responses.create({ model: 'route/elsewhere', input: 'd' }).withResponse();
    expect(target(open.response)).toBe('other');
  });
});

describe('what is kept', () => {
  test('is given back, listed and dropped', async () => {
    const first = await client.responses.create({ model: 'gpt/m', input: 'a' });
    const { _request_id: _, ...again } = await client.responses.retrieve(first.id);
    expect(again).toMatchObject({ id: first.id, output: first.output });
    const items = await client.responses.inputItems.list(first.id);
    expect(items.data).toMatchObject([{ role: 'user', content: [{ type: 'input_text', text: 'a' }] }]);
    expect(await thrownBy(client.responses.cancel(first.id))).toMatchObject({ status: 400 });
    expect(await thrownBy(client.responses.retrieve(first.id, { stream: true }))).toMatchObject({ param: 'stream' });
    await client.responses.delete(first.id);
    expect(await thrownBy(client.responses.retrieve(first.id))).toMatchObject({ status: 404, code: 'not_found' });
    expect(await thrownBy(client.responses.delete(first.id))).toMatchObject({ status: 404 });
  });

  test('is another project’s secret: to anybody else it was never there', async () => {
    const first = await client.responses.create({ model: 'gpt/m', input: 'a' });
    const key = makeKey(systemRandom());
    gateway.keys.set(key, { ...testKey('key_other'), project: 'proj_other' });
    const stranger = client.withOptions({ apiKey: key });
    const follow = (id: string) =>
      thrownBy(stranger.responses.create({ model: 'gpt/m', input: 'b', previous_response_id: id }));
    const [known, unknown] = [await follow(first.id), await follow('resp_never')];
    expect(known).toMatchObject(NOT_FOUND);
    expect(unknown).toMatchObject(NOT_FOUND);
    for (const call of [
      () => stranger.responses.retrieve(first.id),
      () => stranger.responses.inputItems.list(first.id),
      () => stranger.responses.delete(first.id),
      () => stranger.responses.cancel(first.id),
    ]) {
      expect(await thrownBy(call())).toMatchObject({ status: 404 });
    }
    expect(await client.responses.retrieve(first.id)).toMatchObject({ id: first.id });
  });

  test('is kept for as long as the configuration says, and not at all for no day', async () => {
    const first = await client.responses.create({ model: 'gpt/m', input: 'a' });
    aheadMs = 29 * 86_400_000;
    expect(await client.responses.retrieve(first.id)).toMatchObject({ id: first.id });
    aheadMs = 31 * 86_400_000;
    expect(await thrownBy(client.responses.retrieve(first.id))).toMatchObject({ status: 404 });
    aheadMs = 0;
    days = 0;
    const second = await client.responses.create({ model: 'gpt/m', input: 'a' });
    expect(await thrownBy(client.responses.retrieve(second.id))).toMatchObject({ status: 404 });
  });
});

describe('a conversation', () => {
  test('grows by what is said and answered in it, and goes along to every provider', async () => {
    const { id } = await client.conversations.create({
      metadata: { topic: 'x' },
      items: [{ role: 'user', content: 'hi' }],
    });
    const first = await client.responses.create({ model: 'gpt/m', input: 'a', conversation: id });
    expect(lastBody()).toEqual({ model: 'm', input: [{ role: 'user', content: 'hi' }, user('a')] });
    const { response } = await client.responses
      .create({ model: 'other/m', input: 'b', conversation: { id } })
      .withResponse();
    expect(lastBody()['input']).toEqual([{ role: 'user', content: 'hi' }, user('a'), first.output[1], user('b')]);
    expect(response.headers.get('x-leeward-warnings')).toBe(
      'conversation: 1 thought of an earlier turn is sealed by another deployment',
    );
    await client.responses.create({ model: 'gpt/m', input: 'c', conversation: id, store: false });
    const items = await client.conversations.items.list(id, { order: 'asc', limit: 3 });
    expect(items.data.map(({ type }) => type)).toEqual(['message', 'message', 'reasoning']);
    const ids: string[] = [];
    for await (const item of client.conversations.items.list(id, { limit: 2 })) ids.push(String(item.id));
    expect(ids).toHaveLength(7);
    expect(await client.conversations.items.retrieve(ids.at(-1) ?? '', { conversation_id: id })).toMatchObject({
      role: 'user',
      content: [{ type: 'input_text', text: 'hi' }],
    });
  });

  test('is read, described, added to and deleted', async () => {
    const { id } = await client.conversations.create({});
    expect(await client.conversations.update(id, { metadata: { topic: 'y' } })).toMatchObject({
      metadata: { topic: 'y' },
    });
    expect(await client.conversations.retrieve(id)).toMatchObject({ id, object: 'conversation' });
    const added = await client.conversations.items.create(id, { items: [{ role: 'user', content: 'one' }] });
    const [item] = added.data;
    expect(item).toMatchObject({ type: 'message', content: [{ text: 'one' }] });
    await client.conversations.items.delete(String(item?.id), { conversation_id: id });
    expect((await client.conversations.items.list(id)).data).toEqual([]);
    expect(await client.conversations.delete(id)).toEqual(
      expect.objectContaining({ id, object: 'conversation.deleted', deleted: true }),
    );
    expect(await thrownBy(client.conversations.retrieve(id))).toMatchObject({ status: 404, code: 'not_found' });
    const lost = client.responses.create({ model: 'gpt/m', input: 'a', conversation: id });
    expect(await thrownBy(lost)).toMatchObject({ status: 404, param: 'conversation', code: 'conversation_not_found' });
  });

  test('is another project’s secret', async () => {
    const { id } = await client.conversations.create({ items: [{ role: 'user', content: 'hi' }] });
    const key = makeKey(systemRandom());
    gateway.keys.set(key, { ...testKey('key_other'), project: 'proj_other' });
    const stranger = client.withOptions({ apiKey: key });
    for (const call of [
      () => stranger.conversations.retrieve(id),
      () => stranger.conversations.update(id, { metadata: {} }),
      () => stranger.conversations.delete(id),
      () => stranger.conversations.items.list(id),
      () => stranger.conversations.items.create(id, { items: [{ role: 'user', content: 'x' }] }),
      () => stranger.conversations.items.retrieve('msg_1', { conversation_id: id }),
      () => stranger.conversations.items.delete('msg_1', { conversation_id: id }),
      () => stranger.responses.create({ model: 'gpt/m', input: 'a', conversation: id }),
    ]) {
      expect(await thrownBy(call())).toMatchObject({ status: 404 });
    }
    expect((await client.conversations.items.list(id)).data).toHaveLength(1);
  });

  test('cannot be begun where nothing is kept, nor with what is no item', async () => {
    expect(await thrownBy(client.conversations.create({ items: ['x' as never] }))).toMatchObject({ param: 'items' });
    days = 0;
    expect(await thrownBy(client.conversations.create({}))).toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
    });
  });
});
