import type { Client } from './clients/client.ts';
import type { House } from './house.ts';
import { type Json, objectOf, objectsOf, parsed, textOf } from './json.ts';
import type { Recording } from './recordings.ts';
import type { Served } from './replay.ts';
import { truthOf } from './truth.ts';

/** What is no answer, or only a part of one, must never look like an answer at the client. */
export async function noAnswerProblems(
  recording: Recording,
  house: House,
  client: Client,
  request: Json,
): Promise<string[]> {
  const strange: Served = {
    status: 200,
    contentType: 'application/json',
    response: Buffer.from('{"hello":"world"}'),
    stream: false,
  };
  const failed: Served = {
    ...strange,
    response: Buffer.from('{"type":"error","error":{"type":"api_error","code":"server_error","message":"It broke."}}'),
  };
  return [
    ...(await successProblems('JSON of no known shape', strange, recording, house, client, request)),
    ...(await successProblems('an error with status 200', failed, recording, house, client, request)),
    ...(await cutShortProblems(recording, house, client, request)),
  ];
}

/** A stream that stops before it says why it ended. */
export async function cutShortProblems(
  recording: Recording,
  house: House,
  client: Client,
  request: Json,
): Promise<string[]> {
  const end = recording.stream && truthOf(recording).error === undefined ? lastWordsAt(recording) : 0;
  if (end === 0) return [];
  const served = { ...recording, response: recording.response.subarray(0, end) };
  return successProblems('a stream that was cut short', served, recording, house, client, request);
}

async function successProblems(
  what: string,
  served: Served,
  recording: Recording,
  house: House,
  client: Client,
  request: Json,
): Promise<string[]> {
  house.replay.cut = 'whole';
  house.replay.served = served;
  const body = { ...request, model: house.model };
  const outcome = await client.ask({ origin: house.origin, key: house.gateway.key, body, stream: recording.stream });
  house.replay.served = recording;
  if ('failure' in outcome) return [];
  return [`${what} was read as an answer: ${JSON.stringify(outcome.reading).slice(0, 200)}`];
}

/** Where the event begins in which the provider first says why it ended; 0 where it does not, or does so at once. */
function lastWordsAt({ response }: Recording): number {
  for (let at = 0; at < response.length; ) {
    const [next, length] = eventEnd(response, at);
    const end = next < 0 ? response.length : next + length;
    const data = /^data: ?(.*)$/m.exec(response.toString('utf8', at, end))?.[1];
    const event = objectOf(data === undefined ? undefined : parsed(data));
    const finished = objectsOf(event['choices']).some(
      ({ finish_reason: reason }) => typeof reason === 'string' && reason !== '',
    );
    const candidates = objectsOf(event['candidates']).some(({ finishReason }) => textOf(finishReason) !== undefined);
    const closes = /^(?:message_delta|response\.(?:completed|incomplete))$/.test(String(event['type']));
    if (finished || candidates || closes) return at;
    at = end;
  }
  return 0;
}

function eventEnd(response: Buffer, from: number): readonly [number, number] {
  const windows = response.indexOf('\r\n\r\n', from);
  const plain = response.indexOf('\n\n', from);
  return windows >= 0 && (plain < 0 || windows < plain) ? [windows, 4] : [plain, 2];
}
