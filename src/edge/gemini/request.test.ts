import { describe, expect, test } from 'vitest';
import type { EncodeTarget, WireDialect } from '../../exchange/dialect.ts';
import { writeSeal } from '../../protocol/chat/seals.ts';
import { gemini, geminiEmbed, geminiEmbedBatch, geminiStream, geminiTokenCount } from './dialects.ts';

const AT: EncodeTarget = { model: 'n', streamUsageOption: true, maxTokensField: 'max_tokens' };
const target = (param = 'm', query = '') => ({ param, query });

function encoded(body: string | object, to: Partial<EncodeTarget> = {}, dialect: WireDialect = gemini) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const { bytes: sent, losses } = dialect.parse(bytes, target()).encode({ ...AT, ...to });
  return { sent: sent.toString(), losses };
}

const HI = { role: 'user', parts: [{ text: 'hi' }] };
const request = (fields: object) => ({ contents: [HI], ...fields });
const seal = (text: string) => Buffer.from(text).toString('base64');
const FOREIGN = seal(writeSeal('gemini', { value: 'sig', dialect: 'anthropic-messages' }, 'signature'));

describe('a request', () => {
  test('is read for what routing needs, and goes on byte for byte', () => {
    const body = '{ "contents":[ ],\t"generationConfig" : {"maxOutputTokens": 5} ,"x":1.0}\n';
    const call = gemini.parse(Buffer.from(body), target('google/gemini-2.5-pro'));
    expect(call).toMatchObject({ modelAsked: 'google/gemini-2.5-pro', stream: false, maxOutputTokens: 5 });
    expect(encoded(body).sent).toBe(body);
  });

  test('has its model in the path, percent-encoded or not', () => {
    for (const param of ['x-ai/grok:free', 'x-ai%2Fgrok%3Afree', 'models%2Fx-ai%2Fgrok:free']) {
      expect(gemini.parse(Buffer.from('{"contents":[]}'), target(param)).modelAsked).toBe('x-ai/grok:free');
    }
    expect(() => gemini.parse(Buffer.from('{"contents":[]}'))).toThrow(/names no model/);
  });

  test('that names its model in the body too, names the target’s', () => {
    expect(encoded('{"model": "models/m", "contents":[]}').sent).toBe('{"model": "models/n", "contents":[]}');
  });

  test('for a stream says in its query in which form', () => {
    const asked = (query: string) => geminiStream.parse(Buffer.from('{"contents":[]}'), target('m', query));
    const path = '/models/{model}:streamGenerateContent?alt=sse';
    expect(asked('alt=sse')).toMatchObject({ stream: true, upstreamPath: path, dialect: geminiStream });
    expect(asked('alt=sse')).not.toHaveProperty('streamContentType');
    for (const query of ['', 'alt=json', '%24alt=json']) {
      expect(asked(query)).toMatchObject({ upstreamPath: path, streamContentType: 'application/json; charset=UTF-8' });
    }
    expect(() => asked('alt=proto')).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'alt' }));
  });

  test.each([
    ['{}', 'contents'],
    ['{"contents":"x"}', 'contents'],
    ['{"contents":[],"generationConfig":{"maxOutputTokens":-1}}', 'generationConfig.maxOutputTokens'],
    ['{"contents":[],"generation_config":{"max_output_tokens":1.5}}', 'generationConfig.maxOutputTokens'],
    ['[]', undefined],
  ])('that is none is refused: %s', (body, param) => {
    expect(() => gemini.parse(Buffer.from(body), target())).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    );
  });

  test('may write its names in snake case, but not those that are its own', () => {
    const { fields } = gemini.parse(
      Buffer.from(
        JSON.stringify({
          contents: [{ parts: [{ function_call: { name: 'f', args: { some_arg: 1 } }, thought_signature: 's' }] }],
          system_instruction: { parts: { inline_data: { mime_type: 'image/png', data: '' } } },
          tools: [
            {
              function_declarations: [
                { name: 'f', parameters: { properties: { a_b: { property_ordering: ['a_b'] } } } },
              ],
            },
            { function_declarations: [{ parameters_json_schema: { $defs: { x_y: { some_key: 1 } } } }] },
          ],
          generation_config: {
            thinking_config: { thinking_budget: 1 },
            responseMimeType: 'a',
            response_mime_type: 'b',
          },
        }),
      ),
      target(),
    );
    expect(fields).toEqual({
      contents: [{ parts: [{ functionCall: { name: 'f', args: { some_arg: 1 } }, thoughtSignature: 's' }] }],
      systemInstruction: { parts: [{ inlineData: { mimeType: 'image/png', data: '' } }] },
      tools: [
        { functionDeclarations: [{ name: 'f', parameters: { properties: { a_b: { propertyOrdering: ['a_b'] } } } }] },
        { functionDeclarations: [{ parametersJsonSchema: { $defs: { x_y: { some_key: 1 } } } }] },
      ],
      generationConfig: { thinkingConfig: { thinkingBudget: 1 }, responseMimeType: 'a' },
    });
  });
});

describe('a bound on the output', () => {
  test.each([
    [
      '{"contents":[],"generationConfig":{"maxOutputTokens": 500 ,"topK":1}}',
      '{"contents":[],"generationConfig":{"maxOutputTokens": 77 ,"topK":1}}',
    ],
    [
      '{"contents":[],"generation_config":{"max_output_tokens":"500"}}',
      '{"contents":[],"generation_config":{"max_output_tokens":77}}',
    ],
    [
      '{"contents":[],"generationConfig":{"topK":1}}',
      '{"contents":[],"generationConfig":{"topK":1,"maxOutputTokens":77}}',
    ],
    ['{"contents":[],"generationConfig":{ }}', '{"contents":[],"generationConfig":{ "maxOutputTokens":77}}'],
    ['{"contents":[],"generationConfig":null}', '{"contents":[],"generationConfig":{"maxOutputTokens":77}}'],
    ['{"contents":[] }', '{"contents":[] ,"generationConfig":{"maxOutputTokens":77}}'],
    [
      '{"contents":[],"generationConfig":{"maxOutputTokens":7.7e1}}',
      '{"contents":[],"generationConfig":{"maxOutputTokens":7.7e1}}',
    ],
  ])('is set in its place where the client’s is higher: %s', (body, sent) => {
    expect(encoded(body, { maxOutputTokens: 77 }).sent).toBe(sent);
    expect(JSON.parse(sent)).toMatchObject({ contents: [] });
  });
});

describe('a thought of another vendor’s', () => {
  test.each([
    [
      'on a call is replaced by what Google takes instead',
      [{ functionCall: { name: 'f' }, thoughtSignature: FOREIGN }],
      [{ functionCall: { name: 'f' }, thoughtSignature: 'skip_thought_signature_validator' }],
    ],
    ['on a text is cut', [{ text: 'a', thoughtSignature: FOREIGN }, { text: 'b' }], [{ text: 'a' }, { text: 'b' }]],
    ['before a text is cut', [{ thoughtSignature: FOREIGN, text: 'a', thought: true }], [{ text: 'a', thought: true }]],
    [
      'that is nothing else goes as a whole',
      [{ text: '', thought: true, thoughtSignature: FOREIGN }, { text: 'b' }],
      [{ text: 'b' }],
    ],
    ['by its name in snake case too', [{ text: 'a', thought_signature: FOREIGN }], [{ text: 'a' }]],
  ])('%s', (_what, parts, kept) => {
    const { sent, losses } = encoded(request({ contents: [HI, { role: 'model', parts }] }));
    expect(JSON.parse(sent)).toEqual({ contents: [HI, { role: 'model', parts: kept }] });
    expect(losses).toEqual([{ field: 'contents[1].parts[0].thoughtSignature', reason: 'is not of Google' }]);
  });

  test('that nobody has sealed loses its mark, which is no loss', () => {
    const parts = [{ text: 'hm', thought: true, thoughtSignature: seal('leeward-unsigned') }];
    const { sent, losses } = encoded(request({ contents: [HI, { role: 'model', parts }] }));
    expect(JSON.parse(sent)).toEqual({ contents: [HI, { role: 'model', parts: [{ text: 'hm', thought: true }] }] });
    expect(losses).toBeUndefined();
  });

  test('that is all of a content takes it along, and Google’s own stays', () => {
    const own = { text: '', thought: true, thoughtSignature: Buffer.from('google').toString('base64') };
    const contents = [
      HI,
      { role: 'model', parts: [{ text: '', thoughtSignature: FOREIGN }] },
      { role: 'model', parts: [own] },
    ];
    expect(JSON.parse(encoded({ contents }).sent)).toEqual({ contents: [HI, { role: 'model', parts: [own] }] });
    expect(JSON.parse(encoded({ contents }, { keepMessages: 9 }).sent)).toEqual({
      contents: [HI, { role: 'model', parts: [own] }],
    });
  });
});

test('a shorter context begins with the user, and not with an answer to a call that is gone', () => {
  const call = { role: 'model', parts: [{ functionCall: { name: 'f' } }] };
  const response = { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] };
  const said = { role: 'model', parts: [{ text: 'so' }] };
  const systemInstruction = { parts: [{ text: 'be' }] };
  const kept = (contents: object[], keepMessages: number) =>
    (JSON.parse(encoded({ systemInstruction, contents }, { keepMessages }).sent) as { contents: object[] }).contents;
  expect(kept([HI, call, response, said, HI], 3)).toEqual([HI]);
  expect(kept([HI, call, response], 1)).toEqual([HI, call, response]);
  expect(kept([HI, said, HI, said, HI], 3)).toEqual([HI, said, HI]);
  expect(encoded({ systemInstruction, contents: [HI] }, { keepMessages: 1 }).sent).toContain('"be"');
});

describe('a count of tokens', () => {
  test('is of contents, or of a whole request that names its model', () => {
    expect(encoded('{"contents": []}', {}, geminiTokenCount).sent).toBe('{"contents": []}');
    expect(
      encoded('{"generateContentRequest": {"model": "models/m", "contents": []}}', {}, geminiTokenCount).sent,
    ).toBe('{"generateContentRequest": {"model": "models/n", "contents": []}}');
    expect(() => encoded('{}', {}, geminiTokenCount)).toThrow(/contents is not specified/);
    expect(() => encoded('{"contents":[],"generateContentRequest":{"contents":[]}}', {}, geminiTokenCount)).toThrow(
      /not both/,
    );
  });
});

describe('an embedding', () => {
  const content = { parts: [{ text: 'hi' }] };

  test('goes on as it came, with the target’s name where it names its model', () => {
    expect(encoded('{"content": {"parts":[]}}', {}, geminiEmbed).sent).toBe('{"content": {"parts":[]}}');
    const requests = [
      { model: 'models/m', content },
      { content, model: 'models/m' },
    ];
    expect(JSON.parse(encoded({ requests }, {}, geminiEmbedBatch).sent)).toEqual({
      requests: requests.map((each) => ({ ...each, model: 'models/n' })),
    });
    expect(
      geminiEmbedBatch.parse(Buffer.from(JSON.stringify({ requests })), target()).measure().inputTokensMax,
    ).toBeGreaterThan(8);
  });

  test.each([
    [geminiEmbed, '{}', 'content'],
    [geminiEmbedBatch, '{"requests":[]}', 'requests'],
    [geminiEmbedBatch, '{"requests":[{}]}', 'requests[0].content'],
  ])('without a content is refused: %#', (dialect, body, param) => {
    expect(() => encoded(body, {}, dialect)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });

  test('is counted where the provider counts it', () => {
    const facts = geminiEmbed.readAnswer(
      Buffer.from('{"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":3}}'),
    );
    expect(facts.usage).toEqual({ inputTokens: 3 });
    expect(geminiEmbed.readAnswer(Buffer.from('{"embedding":{"values":[1]}}')).usage).toBeUndefined();
  });
});
