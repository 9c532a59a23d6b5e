import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EncodeTarget } from '../../exchange/dialect.ts';
import { openAiChat, openAiCompletions } from './dialects.ts';

const AT: EncodeTarget = { model: 'm', streamUsageOption: true, maxTokensField: 'max_tokens' };

function encoded(body: string, target: Partial<EncodeTarget> = {}): string {
  return openAiChat
    .parse(Buffer.from(body))
    .encode({ ...AT, ...target })
    .bytes.toString();
}

function asked(fields: string): number | undefined {
  return openAiChat.parse(Buffer.from(`{"model":"m","messages":[]${fields}}`)).maxOutputTokens;
}

describe('a bound on the output', () => {
  test('that is not there is put in under the name that the provider wants, and every other byte stays', () => {
    const body = '{ "model":"m",\t"messages" : [ ] , "temperature":1.0 }\n';
    expect(encoded(body)).toBe(body);
    expect(encoded(body, { maxOutputTokens: 77 })).toBe(
      '{ "model":"m",\t"messages" : [ ] , "temperature":1.0 ,"max_tokens":77}\n',
    );
    expect(encoded(body, { maxOutputTokens: 77, maxTokensField: 'max_completion_tokens' })).toBe(
      '{ "model":"m",\t"messages" : [ ] , "temperature":1.0 ,"max_completion_tokens":77}\n',
    );
  });

  test.each([
    ['{"model":"m","max_tokens": 500 ,"messages":[]}', '{"model":"m","max_tokens": 77 ,"messages":[]}'],
    ['{"model":"m","max_tokens":null,"messages":[]}', '{"model":"m","max_tokens":77,"messages":[]}'],
    ['{"model":"m","max_tokens":"9","messages":[]}', '{"model":"m","max_tokens":77,"messages":[]}'],
    ['{"model":"m","max_tokens":-1,"messages":[]}', '{"model":"m","max_tokens":77,"messages":[]}'],
    ['{"model":"m","max_tokens":1e9,"messages":[]}', '{"model":"m","max_tokens":77,"messages":[]}'],
    ['{"model":"m","messages":[],"max\\u005ftokens":500}', '{"model":"m","messages":[],"max\\u005ftokens":77}'],
  ])('that is too high, or none, is replaced in its place: %s', (body, wanted) => {
    expect(encoded(body, { maxOutputTokens: 77 })).toBe(wanted);
  });

  test.each([
    '{"model":"m","max_tokens":77,"messages":[]}',
    '{"model":"m","max_tokens":7.7e1,"messages":[]}',
    '{"model":"m","max_tokens":5,"messages":[]}',
  ])('that is low enough stays as it was written: %s', (body) => {
    expect(encoded(body, { maxOutputTokens: 77 })).toBe(body);
  });

  test('under the newer name comes under the older one where the provider knows no other', () => {
    const body =
      '{"model":"m","messages":[{"role":"user","content":"\\"max_completion_tokens\\":1"}],"max_completion_tokens" : 500}';
    expect(encoded(body, { maxOutputTokens: 77 })).toBe(
      '{"model":"m","messages":[{"role":"user","content":"\\"max_completion_tokens\\":1"}],"max_tokens" : 77}',
    );
    expect(encoded(body, { maxOutputTokens: 500 })).toContain(',"max_tokens" : 500}');
    expect(encoded(body, { maxOutputTokens: 500, maxTokensField: 'max_completion_tokens' })).toBe(body);
    expect(encoded(body)).toBe(body);
  });

  test('under the older name stays there, where a provider wants the newer one: it alone knows whether it takes it', () => {
    const body = '{"model":"m","messages":[],"max_tokens":500}';
    expect(encoded(body, { maxOutputTokens: 77, maxTokensField: 'max_completion_tokens' })).toBe(
      '{"model":"m","messages":[],"max_tokens":77}',
    );
  });

  test('that stands twice under two names counts as the higher one, and both are brought down', () => {
    expect(asked(',"max_tokens":9,"max_completion_tokens":100')).toBe(100);
    expect(asked(',"max_tokens":100,"max_completion_tokens":9')).toBe(100);
    const body = '{"model":"m","messages":[],"max_tokens":9,"max_completion_tokens":100}';
    expect(encoded(body, { maxOutputTokens: 50 })).toBe(
      '{"model":"m","messages":[],"max_tokens":9,"max_completion_tokens":50}',
    );
  });

  test('is named max_tokens by the older text form, whatever the provider’s newer form wants', () => {
    const call = openAiCompletions.parse(Buffer.from('{"model":"m","prompt":"x"}'));
    const { bytes } = call.encode({ ...AT, maxTokensField: 'max_completion_tokens', maxOutputTokens: 5 });
    expect(bytes.toString()).toBe('{"model":"m","prompt":"x","max_tokens":5}');
  });

  test.each([
    [',"max_tokens":0', 0],
    [',"max_tokens":12', 12],
    [',"max_tokens":-1', undefined],
    [',"max_tokens":1.5', undefined],
    [',"max_tokens":"12"', undefined],
    [',"max_tokens":null,"max_completion_tokens":3', 3],
    ['', undefined],
  ])('is read as what the client allows: %s', (fields, tokens) => {
    expect(asked(fields)).toBe(tokens);
  });
});

test('model, usage option and bound are put in together, wherever they stand', () => {
  const members = fc.uniqueArray(
    fc.constantFrom(
      '"max_tokens":900',
      '"stream_options":{"x":1}',
      '"temperature": 0.70',
      '"user":"\\u00e9 }"',
      '"metadata":{"max_tokens":"a","model":"b"}',
    ),
  );
  const space = fc.constantFrom('', ' ', '\n\t');
  fc.assert(
    fc.property(members, space, fc.boolean(), (extra, gap, modelFirst) => {
      const base = ['"messages":[]', '"stream":true', ...extra];
      const all = modelFirst ? ['"model":"asked"', ...base] : [...base, '"model":"asked"'];
      const body = `{${gap}${all.join(`,${gap}`)}${gap}}${gap}`;
      const text = encoded(body, { model: 'given', maxOutputTokens: 64 });
      const before = JSON.parse(body) as Record<string, unknown>;
      const after = JSON.parse(text) as Record<string, unknown>;
      const options = before['stream_options'] as object | undefined;
      expect(after).toEqual({
        ...before,
        model: 'given',
        max_tokens: 64,
        stream_options: { ...options, include_usage: true },
      });
      for (const member of extra.slice(2))
        if (!/max_tokens":900|stream_options/.test(member)) expect(text).toContain(member);
    }),
  );
});
