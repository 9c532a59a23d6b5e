import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Sources, ships, violations } from '../tools/lint/architecture.ts';
import { importsOf } from '../tools/lint/imports.ts';
import { zoneOf } from '../tools/lint/zones.ts';

/** The tree under `src/` keeps the arrows of its architecture; made-up trees prove that a breach is found. */

const src = fileURLToPath(new URL('../src/', import.meta.url));

function ourSources(): Sources {
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return new Map(paths.sort().map((path) => [path.replaceAll('\\', '/'), readFileSync(join(src, path), 'utf8')]));
}

/** A tree in which every file exists that a sample needs; a sample replaces the text of some. */
function tree(texts: Readonly<Record<string, string>>): Sources {
  const places = [
    'main.ts',
    'compose.ts',
    'cli/program.ts',
    'edge/http/server.ts',
    'edge/openai/request.ts',
    'edge/anthropic/request.ts',
    'admin/pages.ts',
    'exchange/call.ts',
    'access/keys.ts',
    'money/hold.ts',
    'routing/router.ts',
    'config/config.ts',
    'providers/shared.ts',
    'providers/openai/judge.ts',
    'providers/gemini/judge.ts',
    'providers/responses/codec.ts',
    'transport/pool.ts',
    'store/database.ts',
    'store/ledger/ledger.ts',
    'observability/log.ts',
    'sim/model.ts',
    'sim/serve.ts',
    'protocol/usage.ts',
    'kernel/clock.ts',
    'kernel/clock.test.ts',
  ];
  return new Map([...places.map((path) => [path, ''] as const), ...Object.entries(texts)]);
}

test('src keeps the arrows and has no circle', () => {
  const sources = ourSources();
  expect(sources.size).toBeGreaterThan(50);
  expect(violations(sources)).toEqual([]);
});

test('every file that ships stands in a known place', () => {
  expect([...ourSources().keys()].filter((path) => ships(path) && zoneOf(path) === undefined)).toEqual([]);
});

describe('an import against the arrows is found, with the place and the way out', () => {
  test.each([
    ['kernel/clock.ts', '../protocol/usage.ts', 'kernel must not know protocol'],
    ['protocol/usage.ts', '../money/hold.ts', 'protocol must not know money'],
    ['money/hold.ts', '../routing/router.ts', 'money must not know routing'],
    ['money/hold.ts', '../exchange/call.ts', 'money must not know exchange'],
    ['store/database.ts', '../access/keys.ts', 'store must not know access'],
    ['store/database.ts', './ledger/ledger.ts', 'store must not know ledger'],
    ['money/hold.ts', '../store/ledger/ledger.ts', 'money must not know ledger'],
    ['exchange/call.ts', '../edge/http/server.ts', 'exchange must not know edge'],
    ['exchange/call.ts', '../compose.ts', 'exchange must not know compose'],
    ['edge/http/server.ts', '../../admin/pages.ts', 'edge must not know admin'],
    ['admin/pages.ts', '../edge/openai/request.ts', 'admin must not know edge'],
    ['compose.ts', './main.ts', 'compose must not know main'],
    ['compose.ts', './cli/program.ts', 'compose must not know cli'],
    ['cli/program.ts', '../store/database.ts', 'cli must not know store'],
    ['cli/program.ts', '../compose.ts', 'cli loads compose with import()'],
    ['main.ts', './compose.ts', 'main loads compose with import()'],
    ['edge/openai/request.ts', '../anthropic/request.ts', 'dialects never know each other'],
    ['edge/http/server.ts', '../openai/request.ts', 'nobody beside them knows a dialect'],
    ['providers/openai/judge.ts', '../gemini/judge.ts', 'providers never know each other'],
    ['providers/shared.ts', './gemini/judge.ts', 'providers never know each other'],
    ['providers/openai/judge.ts', '../responses/codec.ts', 'providers never know each other'],
    ['kernel/clock.ts', './clock.test.ts', 'tests are imported by nobody'],
    ['kernel/clock.ts', '../../test/support/server.ts', 'product code stays inside src/'],
    ['kernel/clock.ts', './gone.ts', 'there is no src/kernel/gone.ts'],
    ['kernel/clock.ts', '../new/part.ts', 'there is no src/new/part.ts'],
  ])('%s importing %s', (path, specifier, reason) => {
    const found = violations(tree({ [path]: `import { one } from '${specifier}';\n` }));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${path}:1 imports ${specifier}: `);
    expect(found[0]).toContain(reason);
  });

  test('two wires of one vendor share what the older one has', () => {
    const found = violations(tree({ 'providers/responses/codec.ts': "import { one } from '../openai/judge.ts';\n" }));
    expect(found).toEqual([]);
  });

  test.each([
    "import type { One } from '../money/hold.ts';",
    "import {\n  one,\n  type Two,\n} from '../money/hold.ts';",
    "import * as hold from '../money/hold.ts';",
    "import '../money/hold.ts';",
    "export { one } from '../money/hold.ts';",
    "export * from '../money/hold.ts';",
    "export type { One } from '../money/hold.ts';",
    "const { one } = await import('../money/hold.ts');",
    "type Hold = typeof import('../money/hold.ts');",
    "type Hold = import('../money/hold.ts').Hold;",
    "new Worker(new URL('../money/hold.ts', import.meta.url));",
  ])('in whichever form: %s', (text) => {
    const found = violations(tree({ 'protocol/usage.ts': `${text}\n` }));
    expect(found).toEqual([expect.stringContaining('protocol must not know money')]);
  });

  test('a file in a folder without a rule is found', () => {
    const found = violations(tree({ 'utils/things.ts': "import { one } from '../kernel/clock.ts';\n" }));
    expect(found).toEqual([expect.stringContaining('utils/things.ts stands in no known place')]);
  });

  test('an import() whose module is not a literal is refused: nobody could say where it points', () => {
    expect(() => violations(tree({ 'sim/model.ts': 'await import(name);\n' }))).toThrow('sim/model.ts:1');
  });
});

describe('sockets stay at the rim', () => {
  const modules = ['node:net', 'node:http', 'node:https', 'node:http2', 'node:tls', 'undici'];
  const importing = (path: string, text: string) => violations(tree({ [path]: `${text}\n` }));

  test.each(modules)('%s is refused inside, also as a type', (module) => {
    for (const path of ['exchange/call.ts', 'providers/openai/judge.ts', 'edge/openai/request.ts', 'sim/model.ts']) {
      const refused = [expect.stringContaining('sockets belong to')];
      expect(importing(path, `import { one } from '${module}';`)).toEqual(refused);
      expect(importing(path, `import type { One } from '${module}';`)).toEqual(refused);
    }
  });

  test.each(modules)('%s is allowed at the rim', (module) => {
    const rim = ['edge/http/server.ts', 'transport/pool.ts', 'admin/pages.ts', 'cli/program.ts', 'sim/serve.ts'];
    for (const path of [...rim, 'compose.ts', 'main.ts']) {
      expect(importing(path, `import { one } from '${module}';`)).toEqual([]);
    }
  });

  test('looking at an address is no socket', () => {
    expect(importing('config/config.ts', "import { BlockList, isIP } from 'node:net';")).toEqual([]);
    expect(importing('config/config.ts', "import { connect, isIP } from 'node:net';")).toHaveLength(1);
    expect(importing('config/config.ts', "import net from 'node:net';")).toHaveLength(1);
  });

  test('the centre needs no package', () => {
    expect(importing('kernel/clock.ts', "import { z } from 'zod';")).toEqual([
      expect.stringContaining('kernel needs no package'),
    ]);
    expect(importing('config/config.ts', "import { z } from 'zod';")).toEqual([]);
  });
});

describe('circles', () => {
  const at = (specifier: string) => `import { one } from './${specifier}.ts';\n`;

  test('a circle is told once, whichever of its imports are lazy or types', () => {
    const found = violations(
      tree({
        'exchange/a.ts': at('b'),
        'exchange/b.ts': "import type { One } from './c.ts';\n",
        'exchange/c.ts': "const one = await import('./a.ts');\n",
        'exchange/into-it.ts': at('a'),
      }),
    );
    expect(found).toEqual(['circle: exchange/a.ts -> exchange/b.ts -> exchange/c.ts -> exchange/a.ts']);
  });

  test('a file that imports itself is a circle', () => {
    expect(violations(tree({ 'exchange/a.ts': at('a') }))).toEqual(['circle: exchange/a.ts -> exchange/a.ts']);
  });

  test('two ways to the same file are none', () => {
    const sources = tree({ 'exchange/a.ts': at('b') + at('c'), 'exchange/b.ts': at('c'), 'exchange/c.ts': '' });
    expect(violations(sources)).toEqual([]);
  });
});

test('what the arrows allow is silent', () => {
  const from = (...specifiers: string[]) =>
    specifiers.map((specifier) => `import { one } from '${specifier}';\n`).join('');
  const sources = tree({
    'main.ts': `${from('./config/config.ts', './kernel/clock.ts')}const composed = await import('./compose.ts');\n`,
    'cli/program.ts': `${from('../config/config.ts')}import type { One } from '../compose.ts';\nawait import('../main.ts');\nawait import('../sim/model.ts');\n`,
    'compose.ts': from(
      './edge/http/server.ts',
      './admin/pages.ts',
      './exchange/call.ts',
      './providers/gemini/judge.ts',
    ),
    'admin/pages.ts': from('../edge/http/server.ts', '../exchange/call.ts', '../observability/log.ts'),
    'edge/openai/request.ts': from('../http/server.ts', '../../exchange/call.ts', '../../routing/router.ts'),
    'exchange/call.ts': from('../money/hold.ts', '../transport/pool.ts', '../protocol/usage.ts', 'node:crypto'),
    'store/ledger/ledger.ts': from('../../money/hold.ts', '../database.ts'),
    'money/hold.ts': from('../store/database.ts', '../protocol/usage.ts', '../kernel/clock.ts'),
    'providers/openai/judge.ts': from('../shared.ts', '../../protocol/usage.ts'),
    'protocol/usage.ts': from('../kernel/clock.ts'),
    'kernel/clock.test.ts': from('./clock.ts', '../exchange/call.ts', 'vitest'),
  });
  expect(violations(sources)).toEqual([]);
});

test('the import reader takes code for imports, and neither comments nor text', () => {
  const text = [
    "import type { Clock } from '../kernel/clock.ts';",
    "import { type One, two as deux } from './two.ts';",
    "import data from './data.json' with { type: 'json' };",
    'import {',
    '  three,',
    "} from './three.ts';",
    "// const lazy = await import('./comment.ts');",
    " * import('./doc.ts')",
    "const importantFrom = 'import { x } from ./text.ts';",
    "const lazy = await import('./lazy.ts');",
    "export const from = 'nowhere';",
  ].join('\n');
  expect(importsOf('exchange/call.ts', text)).toEqual([
    { specifier: '../kernel/clock.ts', kind: 'type', names: ['Clock'], line: 1 },
    { specifier: './two.ts', kind: 'static', names: ['One', 'two'], line: 2 },
    { specifier: './data.json', kind: 'static', names: [], line: 3 },
    { specifier: './three.ts', kind: 'static', names: ['three'], line: 4 },
    { specifier: './lazy.ts', kind: 'lazy', names: [], line: 10 },
  ]);
});
