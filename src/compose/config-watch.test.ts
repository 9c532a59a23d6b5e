import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../test/support/gateway.ts';
import { systemClock, VirtualClock } from '../kernel/clock.ts';
import { ConfigWatch, lookAt } from './config-watch.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-watch-'));
  file = join(directory, 'a.yaml');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A watch that takes in each change as a reload does. */
function watching(paths: readonly string[]): { watch: ConfigWatch; changes: () => number } {
  let changes = 0;
  const seen = () => new Map(paths.map((path) => [path, lookAt(path)]));
  const watch = new ConfigWatch(systemClock, () => {
    changes++;
    watch.watch(seen());
  });
  watch.watch(seen());
  return { watch, changes: () => changes };
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

test('a file is noticed when it is written to, replaced, taken away, and there again; each once', async () => {
  writeFileSync(file, 'a: 1');
  const { watch, changes } = watching([file]);
  const steps = [
    () => writeFileSync(file, 'a: 22'),
    () => {
      writeFileSync(`${file}.new`, 'a: 3');
      renameSync(`${file}.new`, file);
    },
    () => renameSync(file, `${file}.away`),
    () => renameSync(`${file}.away`, file),
  ];
  for (const [index, step] of steps.entries()) {
    step();
    await until(() => changes() === index + 1, `step ${index} was not noticed once`, 5_000);
  }
  await pause(300);
  expect(changes()).toBe(steps.length);
  watch.close();
});

test('a link further up that is swapped is noticed, as container platforms mount configuration', async () => {
  mkdirSync(join(directory, 'v1'));
  mkdirSync(join(directory, 'v2'));
  writeFileSync(join(directory, 'v1', 'a.yaml'), 'a: 1');
  writeFileSync(join(directory, 'v2', 'a.yaml'), 'a: 2');
  symlinkSync('v1', join(directory, 'data'));
  symlinkSync(join('data', 'a.yaml'), file);
  const { watch, changes } = watching([file]);
  symlinkSync('v2', join(directory, 'data.new'));
  renameSync(join(directory, 'data.new'), join(directory, 'data'));
  await until(() => changes() === 1, 'the swap was not noticed', 5_000);
  watch.close();
});

test('neighbours of the file are no news, and a closed watch hears nothing', async () => {
  writeFileSync(file, 'a: 1');
  const { watch, changes } = watching([file]);
  writeFileSync(join(directory, 'journal'), 'x');
  await pause(400);
  expect(changes()).toBe(0);
  watch.close();
  writeFileSync(file, 'a: 22');
  await pause(400);
  expect(changes()).toBe(0);
});

test('without events from the file system it looks for itself, and closed it leaves no timer', async () => {
  const clock = new VirtualClock();
  const hidden = join(directory, 'not-there-yet', 'a.yaml');
  let changes = 0;
  const watch = new ConfigWatch(clock, () => changes++);
  watch.watch(new Map([[hidden, lookAt(hidden)]]));
  await clock.advance(2_000);
  expect(changes).toBe(0);
  mkdirSync(join(directory, 'not-there-yet'));
  writeFileSync(hidden, 'a: 1');
  await clock.advance(2_000 + 150);
  expect(changes).toBe(1);
  watch.close();
  expect(clock.pendingTimers).toBe(0);
});
