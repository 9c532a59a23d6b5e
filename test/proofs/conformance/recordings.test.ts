import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFolder } from './recordings.ts';
import { runFolder } from './run.ts';

let folder: string;

/** A folder as somebody else may have recorded it: without an index, one event per line, without the request. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-recordings-'));
  const put = (id: string, file: string, body: string, meta: object) => {
    mkdirSync(join(folder, id), { recursive: true });
    writeFileSync(join(folder, id, file), body);
    writeFileSync(join(folder, id, 'meta.json'), JSON.stringify({ id, status: 200, ...meta }));
  };
  const chunk = (delta: object, reason: string | null) =>
    JSON.stringify({
      id: 'x',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason: reason }],
    });
  const lines = `${chunk({ role: 'assistant', content: 'Hello' }, null)}\n${chunk({}, 'stop')}\n`;
  put('somebody/lines', 'response.jsonl', lines, { url: '/v1/chat/completions' });
  put('somebody/frames', 'response.eventstream.bin', '\0', { url: 'https://x/model/m/converse-stream' });
  put('somebody/gone', 'meta.txt', '', { url: '/v1/messages', response: 'response.json' });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a stream whose frames were lost is one again, and what cannot be replayed is named with its reason', () => {
  const { recordings, unreplayed } = readFolder(folder);
  expect(recordings).toMatchObject([{ id: 'somebody/lines', stream: true, request: undefined }]);
  expect(recordings[0]?.response.toString('utf8')).toMatch(/^data: \{.*\}\n\ndata: \{.*\}\n\ndata: \[DONE\]\n\n$/);
  expect(unreplayed.map(({ id }) => id).sort()).toEqual(['somebody/frames', 'somebody/gone']);
  expect(unreplayed.find(({ id }) => id === 'somebody/frames')?.why).toBe('not supported: Bedrock');
});

test('each recording has rows of both lanes, and each other one a row that says why not', async () => {
  const rows = await runFolder({ folder, only: undefined, quick: true, onRow: () => undefined });
  expect(rows.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  const lanes = new Set(rows.filter(({ recording }) => recording === 'somebody/lines').map(({ lane }) => lane));
  expect(lanes).toEqual(new Set(['native', 'translated']));
  expect(rows.filter(({ verdict }) => verdict === 'not supported')).toHaveLength(2);
});
