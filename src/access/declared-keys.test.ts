import { expect, test } from 'vitest';
import { DeclaredKeys, type KeyDeclaration } from './declared-keys.ts';

const FACTS = { path: 'leeward.yaml', loadedAt: 1_000, tenant: { organisation: 'org_1', project: 'proj_1' } };

function keyed(declarations: readonly KeyDeclaration[]): DeclaredKeys {
  return new DeclaredKeys(declarations, FACTS);
}

test('a declared sub-key takes its parents’ project, their end and their rules', () => {
  const keys = keyed([
    { name: 'leaf', digest: 'c', parent: 'team', scopes: [], expiresAt: 900_000, allow: { models: ['sim/sim-small'] } },
    { name: 'team', digest: 'b', parent: 'company', scopes: [], expiresAt: 500_000 },
    { name: 'company', digest: 'a', project: 'proj_2', scopes: [], allow: { models: ['sim/*'] } },
  ]);
  expect(keys.find('c')).toMatchObject({
    id: 'file.leaf',
    project: 'proj_2',
    parentKeyId: 'file.team',
    ancestors: ['file.team', 'file.company'],
    expiresAt: 500_000,
    allowances: [{ models: ['sim/sim-small'] }, { models: ['sim/*'] }],
  });
  expect(keys.find('a')).not.toHaveProperty('ancestors');
  expect(keys.byId('file.team')).toMatchObject({ allowances: [{ models: ['sim/*'] }] });
});

test('a circle of parents, which the file’s check refuses, ends all the same', () => {
  const keys = keyed([
    { name: 'one', digest: 'a', parent: 'two', scopes: [] },
    { name: 'two', digest: 'b', parent: 'one', scopes: [] },
  ]);
  expect(keys.find('a')?.ancestors).toHaveLength(8);
});
