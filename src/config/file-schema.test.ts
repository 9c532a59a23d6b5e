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
    'answer_retention_days',
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

test('an editor can explain every member of every policy', () => {
  const schema = JSON.parse(JSON.stringify(configJsonSchema()));
  const unexplained: string[] = [];
  const visit = (node: { properties?: object; anyOf?: object[]; description?: string }, at: string): void => {
    for (const branch of node.anyOf ?? []) visit(branch, at);
    for (const [name, member] of Object.entries(node.properties ?? {})) {
      if (member.description === undefined) unexplained.push(`${at}.${name}`);
      visit(member, `${at}.${name}`);
    }
  };
  const route = schema.properties.routes.additionalProperties.properties;
  const target = route.targets.items.anyOf[1].properties;
  const places = {
    policies: schema.properties.policies,
    on: route.on,
    degrade: route.degrade.items,
    timeouts: target.timeouts,
  };
  for (const [name, node] of Object.entries(places)) visit(node, name);
  expect(unexplained).toEqual([]);
  expect(Object.keys(target.policies.properties)).toEqual(
    Object.keys(schema.properties.policies.properties).slice(0, 5),
  );
});
