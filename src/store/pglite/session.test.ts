import { expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import { DatabaseError } from '../database-error.ts';
import type { Answer, TransactionStatus } from './engine.ts';
import { Session } from './session.ts';

/** An engine that only knows what leaves a transaction open, and remembers what it was asked. */
function engine() {
  const asked: string[] = [];
  let status: TransactionStatus = 'I';
  const execute = async (text: string): Promise<Answer> => {
    asked.push(text);
    await Promise.resolve();
    const [command = ''] = text.toUpperCase().split(' ');
    if (command === 'BEGIN') status = 'T';
    if (command === 'COMMIT' || command === 'ROLLBACK') status = 'I';
    const error = command === 'BAD' ? new DatabaseError({ message: 'bad', code: '42601' }) : undefined;
    if (error !== undefined && status === 'T') status = 'E';
    return { result: { command, rowCount: 0, rows: [], fields: [] }, error, commands: [command], status };
  };
  return { asked, execute };
}

test('a transaction has the session to itself until it ends, and the others follow in their order', async () => {
  const { asked, execute } = engine();
  const session = new Session(execute, new VirtualClock());
  await session.query(1, 'begin', []);
  const others = [session.query(2, 'select 2', []), session.query(3, 'select 3', [])];
  await session.query(1, 'insert 1', []);
  await session.query(1, 'commit', []);
  await Promise.all(others);
  expect(asked).toEqual(['begin', 'insert 1', 'commit', 'select 2', 'select 3']);
});

test('statements sent without waiting stay inside the transaction that the first of them began', async () => {
  const { asked, execute } = engine();
  const session = new Session(execute, new VirtualClock());
  await Promise.all([
    session.query(1, 'begin', []),
    session.query(2, 'select 2', []),
    session.query(1, 'insert 1', []),
    session.query(1, 'commit', []),
  ]);
  expect(asked).toEqual(['begin', 'insert 1', 'commit', 'select 2']);
});

test('an urgent statement goes before all that wait, and not into a transaction', async () => {
  const { asked, execute } = engine();
  const clock = new VirtualClock();
  const session = new Session(execute, clock);
  await session.query(1, 'begin', []);
  expect(session.inDemand).toBe(false);
  const others = [session.query(2, 'select 2', []), session.queryUrgently(3, 'hold 3', [])];
  expect(session.inDemand).toBe(true);
  await session.query(1, 'commit', []);
  await Promise.all(others);
  expect(asked).toEqual(['begin', 'commit', 'hold 3', 'select 2']);
  await clock.advance(1_000);
  expect(session.inDemand).toBe(false);
});

test('a release rolls back what was left open, failed or not, and lets the others go on', async () => {
  const { asked, execute } = engine();
  const session = new Session(execute, new VirtualClock());
  await session.query(1, 'begin', []);
  await expect(session.query(1, 'bad', [])).rejects.toMatchObject({ code: '42601' });
  const other = session.query(2, 'select 2', []);
  session.release(1);
  await other;
  expect(asked).toEqual(['begin', 'bad', 'rollback', 'select 2']);
});

test('a setting is discarded before anyone else can see it', async () => {
  const { asked, execute } = engine();
  const session = new Session(execute, new VirtualClock());
  await session.query(1, 'set a = 1', []);
  const other = session.query(2, 'select 2', []);
  await session.query(1, 'select 1', []);
  session.release(1);
  await other;
  expect(asked).toEqual(['set a = 1', 'select 1', 'discard all', 'select 2']);
});

test('a transaction idle for ten seconds is rolled back when others wait, and its client told so', async () => {
  const clock = new VirtualClock();
  const { asked, execute } = engine();
  const session = new Session(execute, clock);
  await session.query(1, 'begin', []);
  await clock.advance(60_000);
  expect(asked).toEqual(['begin']);
  const other = session.query(2, 'select 2', []);
  await clock.advance(6_000);
  const another = session.query(3, 'select 3', []);
  await clock.advance(4_000);
  await Promise.all([other, another]);
  expect(asked).toEqual(['begin', 'rollback', 'select 2', 'select 3']);
  await expect(session.query(1, 'commit', [])).rejects.toMatchObject({ code: '25P03' });
  session.release(1);
  await session.query(1, 'select 1', []);
  session.close();
  expect(clock.pendingTimers).toBe(0);
});
