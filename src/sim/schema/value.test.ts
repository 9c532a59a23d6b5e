import { expect, test } from 'vitest';
import { z } from 'zod';
import { randomFor } from '../draws.ts';
import { textMatching } from './pattern.ts';
import { valueForSchema } from './value.ts';

const SCHEMAS: Record<string, Record<string, unknown>> = {
  weather: {
    type: 'object',
    properties: {
      city: { type: 'string', minLength: 2, maxLength: 12 },
      unit: { enum: ['celsius', 'fahrenheit'] },
      days: { type: 'integer', minimum: 1, maximum: 7 },
      share: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
      even: { type: 'integer', multipleOf: 2, minimum: 3 },
      fixed: { const: 'v1' },
      note: { type: ['string', 'null'] },
    },
    required: ['city', 'unit', 'days', 'share', 'even', 'fixed', 'note'],
    additionalProperties: false,
  },
  order: {
    type: 'object',
    $defs: {
      item: {
        type: 'object',
        properties: { sku: { type: 'string', pattern: '^[A-Z]{3}-\\d{2,4}$' } },
        required: ['sku'],
      },
    },
    properties: {
      items: { type: 'array', items: { $ref: '#/$defs/item' }, minItems: 2, maxItems: 3 },
      tags: { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 3 },
      pay: {
        anyOf: [{ type: 'object', properties: { iban: { type: 'string' } }, required: ['iban'] }, { type: 'null' }],
      },
      when: { type: 'string', format: 'date-time' },
      id: { type: 'string', format: 'uuid' },
      mail: { type: 'string', format: 'email' },
      site: { type: 'string', format: 'uri' },
      both: { allOf: [{ type: 'integer', minimum: 10 }, { maximum: 20 }] },
    },
    required: ['items', 'tags', 'pay', 'when', 'id', 'mail', 'site', 'both'],
  },
  tree: {
    type: 'object',
    properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
    required: ['name', 'children'],
  },
  tuple: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 },
};

test.each(Object.keys(SCHEMAS))('a drawn value of %s is accepted by an independent validator', (name) => {
  const schema = SCHEMAS[name] ?? {};
  const validator = z.fromJSONSchema(schema);
  for (let seed = 0; seed < 100; seed++) {
    const value = valueForSchema(schema, randomFor(seed, 'value'), ['lisbon']);
    const result = validator.safeParse(value);
    expect(result.success, `${JSON.stringify(value)} ${result.error?.message}`).toBe(true);
  }
});

test('a list that contains itself ends', () => {
  const schema = {
    $ref: '#/$defs/node',
    $defs: {
      node: {
        type: 'object',
        properties: { next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
        required: ['next'],
      },
    },
  };
  for (let seed = 0; seed < 50; seed++)
    expect(() => JSON.stringify(valueForSchema(schema, randomFor(seed, 'v'), []))).not.toThrow();
});

test('schemas built to be endless or explosive are answered at once', () => {
  const startMs = performance.now();
  valueForSchema({ allOf: [{ $ref: '#' }, { $ref: '#' }] }, randomFor(1, 'v'), []);
  valueForSchema(
    { type: 'object', properties: { a: { $ref: '#' }, b: { $ref: '#' } }, required: ['a', 'b'] },
    randomFor(1, 'v'),
    [],
  );
  valueForSchema({ type: 'array', minItems: 1e9, items: { type: 'array', minItems: 1e9 } }, randomFor(1, 'v'), []);
  valueForSchema({ type: 'string', minLength: 1e9 }, randomFor(1, 'v'), []);
  valueForSchema({ type: 'string', pattern: '((((a{1000}){1000}){1000}){1000})' }, randomFor(1, 'v'), []);
  expect(performance.now() - startMs).toBeLessThan(2_000);
});

test.each([
  '^[A-Z]{2}\\d{3}$',
  '^(cat|dog)s?$',
  '^\\w+@\\w+\\.(com|org)$',
  '^[^abc]{4}$',
  'a.c',
  '^(?:x|y)*z$',
  '^\\+?[0-9-]{5,8}$',
])('a text for the pattern %s matches it', (pattern) => {
  for (let seed = 0; seed < 50; seed++) {
    expect(textMatching(pattern, randomFor(seed, 'p'))).toMatch(new RegExp(pattern));
  }
});

test('a pattern beyond the plain kind is given up, not guessed', () => {
  expect(textMatching('^(?=a)b$', randomFor(1, 'p'))).toBeUndefined();
  expect(textMatching('(a)\\1', randomFor(1, 'p'))).toBeUndefined();
});

test('a property named __proto__ is a property', () => {
  const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"const":1}},"required":["__proto__"]}');
  expect(JSON.stringify(valueForSchema(schema, randomFor(1, 'v'), []))).toBe('{"__proto__":1}');
});
