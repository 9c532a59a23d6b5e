import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configJsonSchema, configSchemaText } from './file-schema.ts';

test('the schema for editors is plain JSON, and knows the keys, their choices and their defaults', () => {
  const schema = JSON.parse(JSON.stringify(configJsonSchema()));
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  expect(schema.additionalProperties).toBe(false);
  expect(Object.keys(schema.properties)).toEqual([
    '$schema',
    'server',
    'providers',
    'aliases',
    'routes',
    'policies',
    'keys',
    'budgets',
    'prices',
    'money',
    'sim',
    'log',
    'store',
    'retention_days',
    'usage_retention_days',
  ]);
  expect(schema.properties.server.properties.port.default).toBe(5339);
  expect(schema.properties.routes.additionalProperties.properties.strategy.enum).toEqual(['fallback', 'weighted']);
  expect(schema.properties.routes.additionalProperties.required).toEqual(['targets']);
  expect(schema.required).toBeUndefined();
});

test('the schema in the package is the one that this code means', () => {
  const packaged = readFileSync(join(import.meta.dirname, '../../assets/config.v1.schema.json'), 'utf8');
  expect(packaged, 'run "npm run make:schema"').toBe(configSchemaText());
});
