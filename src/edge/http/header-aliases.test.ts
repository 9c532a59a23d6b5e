import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../kernel/errors.ts';
import { requestFacts } from './request-facts.ts';

/** A head as Node makes it: names in lower case in one, as they came in the other. */
function head(headers: Readonly<Record<string, string>>) {
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders: Object.entries(headers).flat(),
  };
}

const facts = (headers: Readonly<Record<string, string>>) => requestFacts(head(headers));

describe('where our own header is absent', () => {
  test.each([
    [{ 'x-portkey-metadata': '{"_user":"u1","env":"prod","n":3}' }, { _user: 'u1', env: 'prod', n: '3' }],
    [{ 'cf-aig-metadata': '{"team":"search","beta":true}' }, { team: 'search', beta: 'true' }],
    [
      { 'Helicone-Property-Session': ' s1 ', 'helicone-property-App': 'mobile' },
      { session: 's1', app: 'mobile' },
    ],
  ])('metadata is read from %j', (headers, metadata) => {
    expect(facts(headers)).toEqual({ metadata, forwarded: [] });
  });

  test('tags and the task are read from the headers that others call so', () => {
    expect(facts({ 'x-litellm-tags': 'a, b,,c ', 'x-portkey-trace-id': ' run-7 ' })).toEqual({
      tags: ['a', 'b', 'c'],
      task: 'run-7',
      forwarded: [],
    });
  });

  test('several metadata headers are joined, and the first of them wins a key', () => {
    const { metadata } = facts({
      'Helicone-Property-Env': 'helicone',
      'cf-aig-metadata': '{"env":"cloudflare","b":"2"}',
      'x-portkey-metadata': '{"env":"portkey","a":"1"}',
    });
    expect(metadata).toEqual({ env: 'portkey', a: '1', b: '2' });
  });
});

test('our own header replaces those of others whole, and what it replaces is not even looked at', () => {
  const own = { 'x-leeward-metadata': '{"a":"1"}', 'x-leeward-tags': 't', 'x-leeward-task': 'k' };
  const others = {
    'x-portkey-metadata': 'not json',
    'cf-aig-metadata': '[1]',
    'Helicone-Property-A': '2',
    'x-litellm-tags': 'x'.repeat(300),
    'x-portkey-trace-id': 'other',
  };
  expect(facts({ ...others, ...own })).toEqual({ metadata: { a: '1' }, tags: ['t'], task: 'k', forwarded: [] });
});

describe('a header that cannot be read', () => {
  const long = 'x'.repeat(257);

  test.each([
    [{ 'x-portkey-metadata': 'nonsense' }, 'x-portkey-metadata is no JSON object and was ignored'],
    [{ 'cf-aig-metadata': '["a"]' }, 'cf-aig-metadata is no JSON object and was ignored'],
    [{ 'cf-aig-metadata': '{"a":{"b":1}}' }, "cf-aig-metadata holds a nested value, 'a', which was ignored"],
    [{ 'x-portkey-metadata': `{"a":"${long}"}` }, "x-portkey-metadata is too long at 'a', which was ignored"],
    [{ 'Helicone-Property-A': long }, "helicone-property-a is too long at 'a', which was ignored"],
    [{ 'x-litellm-tags': long }, 'x-litellm-tags is longer than 256 characters and was ignored'],
    [{ 'x-portkey-trace-id': long }, 'x-portkey-trace-id is longer than 256 characters and was ignored'],
  ])('is left out with a warning when it is not ours: %j', (headers, warning) => {
    expect(facts(headers)).toEqual({ warnings: [warning], forwarded: [] });
  });

  test.each([
    [{ 'x-leeward-metadata': 'nonsense' }, 'x-leeward-metadata'],
    [{ 'x-leeward-metadata': '{"a":{"b":1}}' }, 'x-leeward-metadata'],
    [{ 'x-leeward-tags': long }, 'x-leeward-tags'],
    [{ 'x-leeward-task': long }, 'x-leeward-task'],
  ])('is refused when it is ours: %j', (headers, param) => {
    expect(() => facts(headers)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });

  test('costs only what is wrong in it: the rest of it counts', () => {
    const { metadata, warnings } = facts({ 'x-portkey-metadata': `{"good":"1","bad":["2"],"late":"3"}` });
    expect(metadata).toEqual({ good: '1', late: '3' });
    expect(warnings).toHaveLength(1);
  });
});

test('what a foreign header brings is bounded as ours is: 20 tags, 20 keys, 4096 bytes', () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, 'v']));
  const counted = facts({
    'x-portkey-metadata': JSON.stringify(many),
    'x-litellm-tags': Array.from({ length: 30 }, (_, index) => index).join(','),
  });
  expect(Object.keys(counted.metadata ?? {})).toHaveLength(20);
  expect(counted.tags).toHaveLength(20);
  // Ten keys too many and the tags: five are told, the rest is counted.
  expect(counted.warnings).toHaveLength(6);
  expect(counted.warnings?.at(-1)).toBe('6 more');
  const wide = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, 'é'.repeat(250)]));
  const { metadata } = facts({ 'cf-aig-metadata': JSON.stringify(wide) });
  expect(Object.keys(metadata ?? {})).toHaveLength(8);
});

test('whatever stands in foreign headers, the call goes on within the bounds, and its warnings fit a header', () => {
  const value = fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary', maxLength: 5_000 }));
  const name = fc.constantFrom(
    'x-portkey-metadata',
    'X-Portkey-Trace-Id',
    'cf-aig-metadata',
    'x-litellm-tags',
    'Helicone-Property-',
    'Helicone-Property-X',
    'helicone-property-\u00ff',
  );
  fc.assert(
    fc.property(fc.dictionary(name, value), (headers) => {
      const { metadata, tags, task, warnings } = facts(headers);
      expect(Object.keys(metadata ?? {}).length).toBeLessThanOrEqual(20);
      expect(
        Buffer.byteLength(
          Object.entries(metadata ?? {})
            .flat()
            .join(''),
        ),
      ).toBeLessThanOrEqual(4_096);
      expect((tags ?? []).length).toBeLessThanOrEqual(20);
      expect((task ?? '').length).toBeLessThanOrEqual(256);
      expect((warnings ?? []).join('; ')).toMatch(/^[\x20-\x7e]{0,1000}$/);
    }),
    { numRuns: 500 },
  );
});

test('an error is one of ours, and no other', () => {
  expect(() => facts({ 'x-leeward-metadata': '[' })).toThrow(GatewayError);
});
