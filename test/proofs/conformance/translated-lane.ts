import { isPresetName } from '../../../src/config/presets.ts';
import { tableOf } from '../../../src/protocol/fidelity/tables.ts';
import type { Ask } from './asks/ask.ts';
import { chatToMessages } from './asks/chat-to-messages.ts';
import { messagesToChat } from './asks/messages-to-chat.ts';
import { CLIENTS } from './clients/all.ts';
import type { Client } from './clients/client.ts';
import { errorProblems } from './errors.ts';
import { expectedReading } from './expected.ts';
import { House } from './house.ts';
import type { Json } from './json.ts';
import { lossesProblems } from './losses-row.ts';
import { noAnswerProblems } from './no-answer-row.ts';
import { plainRequest } from './plain-request.ts';
import type { Recording } from './recordings.ts';
import { CUTS, type Cut } from './replay.ts';
import { requestProblems } from './request-row.ts';
import { judged, notSupported, type Row } from './row.ts';
import { secondTurnProblems } from './second-turn.ts';
import { readingDifferences, truthOf } from './truth.ts';
import { bytesProblems } from './wire-row.ts';

/** The client speaks the other dialect. */
export async function translatedRows(recording: Recording, quick: boolean): Promise<Row[]> {
  const { surface } = recording;
  const facts = { recording: recording.id, lane: 'translated' } as const;
  if (surface.operation !== 'chat') {
    return [
      notSupported({ ...facts, client: '-' }, 'not supported: the other dialect cannot ask for a count of tokens'),
    ];
  }
  if (!isPresetName(surface.preset)) {
    return [notSupported({ ...facts, client: '-' }, `not supported: there is no preset ${surface.preset}`)];
  }
  const client = surface.dialect === 'openai-chat' ? 'anthropic-messages' : 'openai-chat';
  if (tableOf(client, surface.dialect) === undefined) {
    return [notSupported({ ...facts, client: '-' }, `not supported: ${client} to ${surface.dialect}`)];
  }
  const cuts = quick ? CUTS.filter((cut) => cut !== 'bytes') : CUTS;
  const ask = askOf(recording);
  await using house = await House.start(recording);
  const rows: Row[] = [];
  if (recording.status < 400) {
    rows.push(judged({ ...facts, client: 'request' }, await requestProblems(recording, house, ask)));
    rows.push(judged({ ...facts, client: 'bytes' }, await bytesProblems(recording, house, ask, cuts)));
    if (truthOf(recording).error === undefined) {
      rows.push(judged({ ...facts, client: 'losses' }, await lossesProblems(recording, house)));
      rows.push(judged({ ...facts, client: 'second turn' }, await secondTurnProblems(recording, house, ask)));
    }
  }
  const official = CLIENTS.find((one) => one.dialect === client);
  if (official !== undefined && recording.status < 400) {
    rows.push(
      judged({ ...facts, client: 'no answer' }, await noAnswerProblems(recording, house, official, ask.request)),
    );
  }
  for (const one of CLIENTS) {
    if (one.dialect !== client || !one.asksFor(recording.stream)) continue;
    rows.push(judged({ ...facts, client: one.name }, await clientProblems(recording, house, one, ask.request, cuts)));
  }
  return rows;
}

/** The recorded request's intent in the other dialect; a plain request where only the answer was recorded. */
function askOf({ request, surface, stream }: Recording): Ask {
  const toMessages = surface.dialect === 'openai-chat';
  if (request === undefined) {
    const plain = plainRequest(toMessages ? 'anthropic-messages' : 'openai-chat');
    const asked = stream && !toMessages ? { ...plain, stream_options: { include_usage: true } } : plain;
    return { request: { ...asked, stream }, unsaid: [] };
  }
  const streamed = stream ? { ...request, stream: true } : request;
  return toMessages ? chatToMessages(streamed) : messagesToChat(streamed);
}

async function clientProblems(
  recording: Recording,
  house: House,
  client: Client,
  request: Json,
  cuts: readonly Cut[],
): Promise<string[]> {
  const problems: string[] = [];
  const provider = recording.surface.dialect;
  const truth = truthOf(recording);
  const expected = expectedReading(truth, provider, client.dialect);
  for (const cut of cuts) {
    house.replay.cut = cut;
    const body = { ...request, model: house.model };
    const outcome = await client.ask({ origin: house.origin, key: house.gateway.key, body, stream: recording.stream });
    const found: string[] = [];
    if (truth.error !== undefined) {
      if ('reading' in outcome) found.push(`an error was read as an answer: ${JSON.stringify(outcome.reading)}`);
      else if (recording.status >= 400) found.push(...errorProblems(recording, client, outcome.failure));
    } else if ('failure' in outcome) found.push(`it failed: ${outcome.failure.name} ${outcome.failure.message}`);
    else found.push(...readingDifferences(expected, outcome.reading, client.reads));
    problems.push(...found.map((problem) => `${cut}: ${problem}`));
  }
  return problems;
}
