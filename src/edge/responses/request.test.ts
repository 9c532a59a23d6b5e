import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EncodeTarget } from '../../exchange/dialect.ts';
import { openAiResponses, responsesCompaction, responsesInputTokens } from './dialects.ts';

const AT: EncodeTarget = { model: 'm', streamUsageOption: true, maxTokensField: 'max_tokens' };
const thought = (sealed: string) => ({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: sealed });
const FOREIGN = thought('leeward-unsigned:anthropic-messages:signature:EqQB');
const BARE = thought('leeward-unsigned');
const OWN = thought('gAAAA');
const CALL = { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' };
const RESULT = { type: 'function_call_output', call_id: 'c1', output: 'seen, [x] "y"' };
const user = (content: string) => ({ role: 'user', content });

function encoded(body: string | object, target: Partial<EncodeTarget> = {}) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const { bytes: sent, losses } = openAiResponses.parse(bytes).encode({ ...AT, ...target });
  return { sent: sent.toString(), losses };
}

describe('a request', () => {
  test('is read for what routing needs, and goes on byte for byte but for the model', () => {
    const body =
      '{ "max_output_tokens":50,\t"model" : "a" ,"stream":true,"input":[ ],"safety_identifier":"u" ,"x":1.0}\n';
    const call = openAiResponses.parse(Buffer.from(body));
    expect(call).toMatchObject({ modelAsked: 'a', stream: true, maxOutputTokens: 50, endUser: 'u', memory: {} });
    expect(encoded(body, { model: 'a' })).toEqual({ sent: body, losses: undefined });
    expect(encoded(body, { model: 'b' }).sent).toBe(body.replace('"a"', '"b"'));
  });

  test.each([
    ['{"input":"x"}', 'model', 'You must provide a model parameter.'],
    ['{"model":1}', 'model', "'model' must be a string."],
    ['{"model":"m"}', 'input', "Missing required parameter: 'input'."],
    ['{"model":"m","input":{}}', 'input', "'input' must be a string or an array of items."],
    ['{"model":"m","input":"x","stream":"no"}', 'stream', "'stream' must be true or false."],
    ['{"model":"m","input":"x","store":1}', 'store', "'store' must be true or false."],
    ['{"model":"m","input":"x","background":"yes"}', 'background', "'background' must be true or false."],
    ['{"model":"m","input":"x","previous_response_id":1}', 'previous_response_id', 'must be a string'],
    ['{"model":"m","input":"x","conversation":{}}', 'conversation', 'must be an id'],
    ['{"model":"m","conversation":"c","previous_response_id":"r"}', 'previous_response_id', 'cannot both be given'],
    ['[]', undefined, 'The request body must be a JSON object.'],
  ])('that is none is refused, and the field is named: %s', (body, param, message) => {
    expect(() => openAiResponses.parse(Buffer.from(body))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param, message: expect.stringContaining(message) }),
    );
  });

  test('in the background is refused before anything is sent', () => {
    expect(() => openAiResponses.parse(Buffer.from('{"model":"m","input":"x","background":true}'))).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'background', status: 400 }),
    );
    expect(encoded('{"model":"m","input":"x","background":false}').sent).toContain('"background":false');
  });

  test('may leave the conversation to others to remember, and says what', () => {
    const memoryOf = (fields: object) =>
      openAiResponses.parse(Buffer.from(JSON.stringify({ model: 'm', ...fields }))).memory;
    const said = [{ type: 'message', role: 'user', content: 'x' }];
    const following = { previous_response_id: 'resp_1', store: false };
    expect(memoryOf(following)).toEqual({ previousId: 'resp_1', store: false, input: [] });
    expect(memoryOf({ conversation: { id: 'conv_1' } })).toEqual({ conversationId: 'conv_1', input: [] });
    expect(memoryOf({ conversation: 'conv_1', input: [CALL] })).toEqual({ conversationId: 'conv_1', input: [CALL] });
    expect(memoryOf({ input: 'x', store: null, conversation: null })).toEqual({ input: said });
  });
});

describe('a request for a provider of another dialect', () => {
  const sealedIn = (dialect: string) => ({
    type: 'reasoning',
    id: 'rs_9',
    summary: [],
    encrypted_content: `leeward-unsigned:${dialect}:signature:QUJD`,
  });
  const open = (item: object, target: Partial<EncodeTarget>, dialect: 'gemini' | 'anthropic-messages') => {
    const request = Buffer.from(JSON.stringify({ model: 'm', input: [item, user('a')] }));
    const call = openAiResponses.parse(request).withSeals?.(() => 'one/main');
    expect(call?.sealedBy).toBe('one/main');
    const { fields, losses } = call?.openFields?.({ ...AT, ...target }, dialect) ?? expect.unreachable();
    return { kept: (fields['input'] as unknown[]).length === 2, losses };
  };

  test('leaves out what another deployment of that dialect sealed, unless its seals hold everywhere', () => {
    const gemini = sealedIn('gemini');
    expect(open(gemini, { deployment: 'one/main' }, 'gemini')).toEqual({ kept: true, losses: [] });
    expect(open(gemini, { deployment: 'two/main' }, 'gemini')).toEqual({
      kept: false,
      losses: [{ field: 'input[0]', reason: 'a thought that another deployment sealed' }],
    });
    const anthropic = sealedIn('anthropic-messages');
    const elsewhere = { deployment: 'two/main', refuseSealed: true };
    expect(open(anthropic, elsewhere, 'anthropic-messages')).toEqual({ kept: true, losses: [] });
    expect(open(anthropic, { deployment: 'two/main' }, 'gemini')).toEqual({ kept: true, losses: [] });
    expect(() => open(anthropic, elsewhere, 'gemini')).toThrow('encrypted_state');
    expect(() => open(gemini, elsewhere, 'gemini')).toThrow('encrypted_state');
  });
});

describe('a request that goes on where an answer ended', () => {
  const asked = { model: 'm', store: true, previous_response_id: 'resp_2', input: 'And?' };
  const body = JSON.stringify(asked);
  const said = { type: 'message', role: 'user', content: 'And?' };
  const answer = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
  const history = [
    { items: [user('a'), OWN, FOREIGN, answer], deployment: 'one/main', upstreamKeeps: true },
    { items: [user('b'), OWN, answer], deployment: 'two/main', upstreamKeeps: true },
  ];
  const call = openAiResponses.parse(Buffer.from(body)).withHistory?.(history);
  const told = (target: Partial<EncodeTarget>) => {
    const { bytes, losses } = call?.encode({ ...AT, ...target }) ?? expect.unreachable();
    return { sent: JSON.parse(bytes.toString()) as Record<string, unknown>, losses };
  };
  const { previous_response_id: _, ...rest } = asked;

  test('goes as it came to whoever gave that answer and keeps it', () => {
    expect(call?.encode({ ...AT, deployment: 'two/main' }).bytes.toString()).toBe(body);
    expect(call).toMatchObject({ echo: asked, memory: { previousId: 'resp_2', input: [said] } });
  });

  test('goes to anybody else with all turns in it, but for what that one cannot open', () => {
    const elsewhere = told({ deployment: 'one/main' });
    expect(elsewhere.sent).toEqual({ ...rest, input: [user('a'), OWN, answer, user('b'), answer, said] });
    expect(elsewhere.losses).toEqual([
      { field: 'input[2]', reason: 'a thought of another vendor' },
      { field: 'previous_response_id', reason: '1 thought of an earlier turn is sealed by another deployment' },
    ]);
    expect(told({ deployment: 'three/main' }).sent).toEqual({
      ...rest,
      input: [user('a'), answer, user('b'), answer, said],
    });
  });

  test('is kept by its last deployment, and refused elsewhere where a route wants it so', () => {
    expect(call?.sealedBy).toBe('two/main');
    const refuseSealed = { ...AT, refuseSealed: true };
    const refused = expect.objectContaining({ code: 'unsupported_parameter', retry: 'other-target' });
    expect(call?.encode({ ...refuseSealed, deployment: 'two/main' }).bytes.toString()).toBe(body);
    expect(() => call?.encode({ ...refuseSealed, deployment: 'one/main' })).toThrow(refused);
    expect(() => call?.openFields?.({ ...refuseSealed, deployment: 'two/main' }, 'openai-chat')).toThrow(refused);
  });

  test('goes with all turns where a shorter context is cut from them', () => {
    expect(told({ deployment: 'two/main', keepMessages: 1 }).sent).toEqual({ ...rest, input: [said] });
  });

  test('is told to other dialects, and measured, as all of it', () => {
    expect(call?.fields).toEqual({ ...rest, input: [...history.flatMap(({ items }) => items), said] });
    expect(call?.measure().unbounded).toBeUndefined();
  });

  test('goes with all turns to whoever was told not to keep them', () => {
    const forgetful = history.map((turn) => ({ ...turn, upstreamKeeps: false }));
    const again = openAiResponses.parse(Buffer.from(body)).withHistory?.(forgetful);
    expect(again?.encode({ ...AT, deployment: 'two/main' }).bytes.toString()).not.toContain('previous_response_id');
  });
});

describe('a bound on the output', () => {
  test('is lowered in its place where it is too high, and stays as it was written where it is not', () => {
    const high = '{"model":"m","max_output_tokens": 500 ,"input":[]}';
    expect(encoded(high, { maxOutputTokens: 77 }).sent).toBe(high.replace('500', '77'));
    const low = '{"model":"m","max_output_tokens":7.7e1,"input":[]}';
    expect(encoded(low, { maxOutputTokens: 77 }).sent).toBe(low);
    const none = '{"model":"m","max_output_tokens":null,"input":[]}';
    expect(encoded(none, { maxOutputTokens: 77 }).sent).toBe(none.replace('null', '77'));
  });

  test('is added where there is none', () => {
    expect(encoded('{"model":"m","input":"}" }\n', { maxOutputTokens: 77 }).sent).toBe(
      '{"model":"m","input":"}" ,"max_output_tokens":77}\n',
    );
  });

  test('cannot be put on a compaction, which is refused then', () => {
    const call = responsesCompaction.parse(Buffer.from('{"model":"m","input":[]}'));
    expect(() => call.encode({ ...AT, maxOutputTokens: 77 })).toThrow(
      expect.objectContaining({ code: 'budget_exceeded' }),
    );
    expect(call.encode(AT).bytes.toString()).toBe('{"model":"m","input":[]}');
    expect(call.nativeOnly).toBeDefined();
  });
});

test('a count of tokens has no bound, and is never a stream', () => {
  const call = responsesInputTokens.parse(
    Buffer.from('{"model":"m","input":"x","stream":true,"max_output_tokens":99,"background":true}'),
  );
  expect(call.stream).toBe(false);
  expect(call.maxOutputTokens).toBeUndefined();
});

describe('thoughts of another vendor', () => {
  test('are cut out of the bytes, each is told of, and nothing else changes', () => {
    const body = `{"model":"m","input":[ ${JSON.stringify(FOREIGN)} , {"role":"user","content":"b"} ,${JSON.stringify(BARE)}]}`;
    expect(encoded(body)).toEqual({
      sent: '{"model":"m","input":[ {"role":"user","content":"b"}]}',
      losses: [
        { field: 'input[0]', reason: 'a thought of another vendor' },
        { field: 'input[2]', reason: 'a thought of another vendor' },
      ],
    });
  });

  test('whichever items they are among, what is sent is the request without them', () => {
    const item = fc.constantFrom<object>(FOREIGN, BARE, OWN, CALL, RESULT, user('a, [b] "c"'));
    fc.assert(
      fc.property(fc.array(item, { maxLength: 7 }), fc.nat(2), (input, indent) => {
        const body = JSON.stringify({ model: 'm', input }, null, indent);
        const { sent } = encoded(body);
        expect(JSON.parse(sent)).toEqual({ model: 'm', input: input.filter((one) => one !== FOREIGN && one !== BARE) });
        if (!body.includes('leeward-unsigned')) expect(sent).toBe(body);
      }),
    );
  });
});

test('a shorter context begins at a message of the user, without a result whose call is gone', () => {
  const input = [user('a'), OWN, CALL, RESULT, { role: 'assistant', content: 'b' }, user('c')];
  const kept = (keepMessages: number, of: readonly object[] = input) =>
    (JSON.parse(encoded({ model: 'm', input: of }, { keepMessages }).sent) as { input: unknown }).input;
  expect(kept(9)).toEqual(input);
  expect(kept(3)).toEqual([user('c')]);
  expect(kept(0)).toEqual([user('c')]);
  expect(kept(1, input.slice(0, 4))).toEqual(input.slice(0, 4));
  expect(kept(1, [{ role: 'developer', content: 's' }, FOREIGN, ...input])).toEqual([
    { role: 'developer', content: 's' },
    user('c'),
  ]);
  expect(encoded('{"model":"m","input":"one"}', { keepMessages: 1 }).sent).toBe('{"model":"m","input":"one"}');
});
