import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { meaningOf, type Wire } from '../../../test/support/messages-arbitrary.ts';
import { cutAt, eventsOf, withoutPings } from '../../../test/support/messages-stream.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { messagesProvider } from '../../providers/anthropic/codec.ts';
import { messagesClient } from './codec.ts';

/** Recorded provider traffic, outside the repository: skipped with a notice where it is absent. */
const FOLDER = process.env['LEEWARD_FIXTURES'] ?? join(import.meta.dirname, '../../../../shared/fixtures');
const IDENTITY = { id: 'msg_ours', model: 'asked-for', at: 0, usageWanted: true };

interface Recording {
  readonly id: string;
  readonly url: string;
  readonly status: number;
  readonly request: string | null;
  readonly response: string;
}

const index = join(FOLDER, 'index.json');
const recordings: Recording[] = existsSync(index)
  ? (JSON.parse(readFileSync(index, 'utf8')) as Recording[]).filter(
      ({ url, status }) => /\/v1\/messages$/.test(url.split('?')[0] ?? '') && status === 200,
    )
  : [];
const answers = recordings.filter(({ response }) => response.endsWith('.json'));
const streams = recordings.filter(({ response }) => /\.(?:sse|jsonl)$/.test(response));
const requests = recordings.filter(({ request }) => request?.endsWith('.json') === true);

if (recordings.length === 0) {
  // biome-ignore lint/suspicious/noSkippedTests: the recordings are not part of the repository; a stranger's clone passes without them
  test.skip(`no recordings in ${FOLDER}: set LEEWARD_FIXTURES to read recorded traffic`, () => undefined);
}

function read({ id, response }: Recording): Buffer {
  const bytes = readFileSync(join(FOLDER, id, response));
  if (!response.endsWith('.jsonl')) return bytes;
  const events = bytes
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');
  return Buffer.from(events.map((event) => `data: ${event}\n\n`).join(''));
}

describe.runIf(recordings.length > 0)('recorded traffic of Anthropic', () => {
  test.each(answers)('$id is read and written back to the same answer', (recording) => {
    const body = read(recording);
    const again = messagesClient.writeAnswer(messagesProvider.readAnswer(body), IDENTITY);
    expect(meaningOf(JSON.parse(again.toString()))).toMatchObject(meaningOf(JSON.parse(body.toString())) as Wire);
  });

  test.each(streams)('$id is read, and written back to a stream that reads the same', (recording) => {
    const events = eventsOf([read(recording)]);
    expect(events.at(-1)).toEqual({ type: 'answer-end' });
    expect(events.filter(({ type }) => type === 'choice-finish')).toHaveLength(1);
    const writer = messagesClient.streamWriter(IDENTITY);
    const again = Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]);
    expect(withoutPings(eventsOf([again]))).toMatchObject(withoutPings(events));
  });

  test.each(streams)('$id gives the same events cut at every byte, and one byte at a time', (recording) => {
    const bytes = read(recording);
    const whole = JSON.stringify(eventsOf([bytes]));
    expect(JSON.stringify(eventsOf([...bytes].map((byte) => Buffer.of(byte))))).toBe(whole);
    for (let place = 1; place < bytes.length; place++) {
      if (JSON.stringify(eventsOf(cutAt(bytes, [place]))) !== whole) expect.fail(`cut at byte ${place}`);
    }
  });

  test.each(requests)('$id has a request that is read and written back to the same one', (recording) => {
    const request = JSON.parse(readFileSync(join(FOLDER, recording.id, recording.request ?? ''), 'utf8')) as Wire;
    const losses: Loss[] = [];
    const traits = { model: String(request['model']), maxTokensField: 'max_tokens', streamUsageOption: false } as const;
    const again = messagesProvider.writeCall(messagesClient.readCall(request), traits, losses);
    const { stream, ...asked } = request;
    expect(meaningOf(again)).toEqual(meaningOf(stream === true ? request : asked));
    expect(losses).toEqual([]);
  });
});
