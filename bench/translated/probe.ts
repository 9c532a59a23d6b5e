import { formOfEvents, type StreamTalk } from '../load/stream-form.ts';
import { Template } from '../load/template.ts';
import type { Address, ShortCall } from '../load/wire.ts';
import { CLIENTS } from './clients.ts';
import { judgeAnswer, judgeStream } from './judge.ts';
import type { Lane } from './lanes.ts';
import type { LaneSubject } from './translated-gateway.ts';

const PROBED = { frames: 4, intervalMs: 5 };
const PROBE_MS = 10_000;

/** What a load of one lane asks, and what it has to get, byte for byte. */
export interface LaneTalk {
  readonly call: ShortCall;
  readonly stream: StreamTalk;
}

/** What is wrong with a lane before anything is measured. */
export class LaneError extends Error {
  override readonly name = 'LaneError';
}

/**
 * One answer and one stream of a lane, read once and judged by what they say.
 * What a native lane passes on is the mock's own, and compared with that; a
 * translated one is compared with this first reading from now on.
 *
 * @throws {LaneError} for an answer that is an error, has lost something, or says something else than the mock
 */
export async function probeLane(lane: Lane, { subject, provider }: LaneSubject): Promise<LaneTalk> {
  const client = CLIENTS[lane.client];
  const native = lane.client === lane.provider;
  const { calls, streams } = subject;
  const answer = await ask(calls, client.shortCall(calls.model), provider.calls);
  const events = eventsIn(await ask(streams, client.streamCall(streams.model, PROBED), provider.streams));
  const wrong = judgeAnswer(lane.client, answer) ?? judgeStream(lane.client, events, PROBED.frames);
  if (wrong !== undefined) throw new LaneError(wrong);
  const expected = native ? Buffer.from(client.answer) : Template.of(answer, { own: true });
  return {
    call: { body: client.shortCall, expected },
    stream: { body: client.streamCall, form: native ? client.form : formOfEvents(events) },
  };
}

async function ask({ port, path = '/', headers }: Address, body: string, provider: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(PROBE_MS),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new LaneError(`answered ${answer.status}: ${text.slice(0, 300)}`);
  const told = (name: string) => answer.headers.get(`x-leeward-${name}`) ?? 'nothing';
  // A call that loses something does less than its native one.
  if (told('warnings') !== 'none') throw new LaneError(`warned of ${told('warnings')}`);
  if (told('provider') !== provider) throw new LaneError(`was answered by ${told('provider')} instead of ${provider}`);
  return text;
}

/** Each with its blank line; what is no whole event is the last one. */
function eventsIn(text: string): string[] {
  return text.split(/(?<=\n\n|\r\n\r\n)/);
}
