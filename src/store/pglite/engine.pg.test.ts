import { join } from 'node:path';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { expect, test } from 'vitest';
import { scratchDirectory } from '../testing/scratch.ts';
import { DurableFs } from './durable-fs.ts';
import { Engine } from './engine.ts';
import { ensureStore } from './new-store.ts';

const TEMPLATE = new URL('../../../assets/store-template.zst', import.meta.url);

function onAbort(reason: string): never {
  throw new Error(reason);
}

test('an engine whose commits reach no fsync is refused, as a later PGlite that hides the hook would be', async () => {
  await using scratch = await scratchDirectory();
  const directory = join(scratch.path, 'postgres');
  await ensureStore(directory, TEMPLATE, () => undefined);
  const { init } = DurableFs.prototype;
  DurableFs.prototype.init = NodeFS.prototype.init;
  try {
    await expect(Engine.open({ directory, unsafeNoFsync: false, onAbort })).rejects.toThrow(
      'a commit was not followed by an fsync',
    );
  } finally {
    DurableFs.prototype.init = init;
  }
  const engine = await Engine.open({ directory, unsafeNoFsync: false, onAbort });
  await engine.close();
});

test('the last of several statements is the answer, and each of their commands is told', async () => {
  await using scratch = await scratchDirectory();
  const directory = join(scratch.path, 'postgres');
  await ensureStore(directory, TEMPLATE, () => undefined);
  const engine = await Engine.open({ directory, unsafeNoFsync: true, onAbort });
  const answer = await engine.execute(
    'begin; create table a (id int); insert into a values (1), (2); select id from a',
    [],
  );
  expect(answer).toMatchObject({
    status: 'T',
    commands: ['BEGIN', 'CREATE', 'INSERT', 'SELECT'],
    result: { command: 'SELECT', rowCount: 2, rows: [{ id: 1 }, { id: 2 }] },
  });
  expect(await engine.execute('select 1 / 0', [])).toMatchObject({ status: 'E', error: { code: '22012' } });
  expect(await engine.execute('rollback', [])).toMatchObject({ status: 'I', error: undefined });
  await engine.close();
});

test('a statement that comes again is parsed once, also where it failed at first, and anew when all was discarded', async () => {
  await using scratch = await scratchDirectory();
  const directory = join(scratch.path, 'postgres');
  await ensureStore(directory, TEMPLATE, () => undefined);
  const engine = await Engine.open({ directory, unsafeNoFsync: true, onAbort });
  const share = (parts: string) => engine.execute('select 6 / $1::int as share', [parts], { again: true });
  const known = async () => {
    const { result } = await engine.execute('select statement from pg_prepared_statements', []);
    return result?.rows.map((row) => row['statement']);
  };
  expect(await share('0')).toMatchObject({ error: { code: '22012' }, status: 'I' });
  expect((await share('2')).result?.rows).toEqual([{ share: 3 }]);
  expect((await share('3')).result?.rows).toEqual([{ share: 2 }]);
  expect(await known()).toEqual(['select 6 / $1::int as share']);
  await engine.execute('select $1::int', ['1']);
  expect(await known()).toHaveLength(1);
  await engine.execute('discard all', []);
  expect(await known()).toEqual([]);
  expect((await share('6')).result?.rows).toEqual([{ share: 1 }]);
  expect(await known()).toHaveLength(1);
  await engine.close();
});
