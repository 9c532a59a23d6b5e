import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importReport } from '../../src/cli/import/import-report.ts';
import { importConfig } from '../../src/config/import/import-config.ts';
import { IMPORT_PRODUCTS } from '../../src/config/import/imported.ts';

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/migrating.md'), 'utf8');

/** A source, the command with what it prints, and the file it writes, as three blocks of code under one heading. */
function example(product: string) {
  const section = GUIDE.split(/^## /m).find((text) => text.includes(`$ leeward import ${product} `)) ?? '';
  const [source = '', screen = '', result = ''] = [...section.matchAll(/^```\w+\n(.*?)^```$/gms)].map(
    ([, code]) => code,
  );
  const [command = '', ...printed] = screen.split('\n');
  return { source, file: command.split(' ').at(-1) ?? '', printed: printed.join('\n'), result };
}

test.each(IMPORT_PRODUCTS)('the guide shows what the import of %s really prints and writes', (product) => {
  const { source, file, printed, result } = example(product);
  expect(source).not.toBe('');
  const imported = importConfig(product, { path: file, text: source });
  expect(importReport(imported, { file, out: 'leeward.yaml', env: {} })).toBe(printed);
  expect(imported.yaml).toBe(result);
});
