import { tableOf } from '../../../src/protocol/fidelity/tables.ts';
import type { Ask } from './asks/ask.ts';
import { saidIn } from './asks/said-in.ts';
import { CLIENTS } from './clients/all.ts';
import type { Client } from './clients/client.ts';
import { CHAT_DIALECTS, type ChatDialect } from './dialects.ts';
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

/** The client speaks another dialect: each of them, as far as there is a translation. */
export async function translatedRows(recording: Recording, quick: boolean): Promise<Row[]> {
  const { surface } = recording;
  const facts = { recording: recording.id, lane: 'translated' } as const;
  if (surface.operation !== 'chat') {
    return [notSupported({ ...facts, client: '-' }, 'not supported: a count of tokens is not asked across dialects')];
  }
  const cuts = quick ? CUTS.filter((cut) => cut !== 'bytes') : CUTS;
  await using house = await House.start(recording);
  const rows: Row[] = [];
  for (const client of CHAT_DIALECTS) {
    if (client === surface.dialect) continue;
    if (tableOf(client, surface.dialect) === undefined) {
      rows.push(notSupported({ ...facts, client }, `not supported: ${client} to ${surface.dialect}`));
    } else rows.push(...(await pairRows(recording, house, client, cuts)));
  }
  return rows;
}

async function pairRows(recording: Recording, house: House, client: ChatDialect, cuts: readonly Cut[]): Promise<Row[]> {
  const rows: Row[] = [];
  const facts = { recording: recording.id, lane: 'translated' } as const;
  const told = (what: string, problems: readonly string[]) =>
    rows.push(judged({ ...facts, client: `${client} ${what}` }, problems));
  const ask = askOf(recording, client);
  if (recording.status < 400) {
    told('request', await requestProblems(recording, house, client, ask));
    told('bytes', await bytesProblems(recording, house, client, ask, cuts));
    if (truthOf(recording).error === undefined) {
      told('losses', await lossesProblems(recording, house, client));
      told('second turn', await secondTurnProblems(recording, house, client, ask));
    }
  }
  const official = CLIENTS.find((one) => one.dialect === client);
  if (official !== undefined && recording.status < 400) {
    told('no answer', await noAnswerProblems(recording, house, official, ask.request));
  }
  for (const one of CLIENTS) {
    if (one.dialect !== client || !one.asksFor(recording.stream)) continue;
    if (one.knows?.(recording.response.toString('utf8'), truthOf(recording)) === false) continue;
    const problems = await clientProblems(recording, house, one, ask.request, cuts);
    rows.push(judged({ ...facts, client: one.name }, problems));
  }
  return rows;
}

/** The recorded request's intent in another dialect; a plain request where only the answer was recorded. */
function askOf({ request, surface, stream }: Recording, client: ChatDialect): Ask {
  if (request === undefined) {
    const usage = stream && client === 'openai-chat' ? { stream_options: { include_usage: true } } : {};
    const streamed = client === 'gemini' ? {} : { stream };
    const kept = client === 'openai-responses' ? { store: false } : {};
    return { request: { ...plainRequest(client), ...kept, ...usage, ...streamed }, unsaid: [] };
  }
  const streamed = stream && surface.dialect !== 'gemini' ? { ...request, stream: true } : request;
  const ask = saidIn(client, surface.dialect, streamed);
  // A recorded request of Gemini says by its address whether it streams.
  if (surface.dialect !== 'gemini' || !stream) return ask;
  const usage = client === 'openai-chat' ? { stream_options: { include_usage: true } } : {};
  return { ...ask, request: { ...ask.request, stream: true, ...usage } };
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
  const told = expectedReading(truth, provider, client.dialect);
  // To the AI SDK's user a refusal is a text.
  const expected = client.name.startsWith('@ai-sdk/openai') ? { ...told, text: told.text + told.refusal } : told;
  for (const cut of cuts) {
    await house.forget();
    house.replay.cut = cut;
    const body = { ...request, model: house.model };
    const outcome = await client.ask({ origin: house.origin, key: house.gateway.key, body, stream: recording.stream });
    const found: string[] = [];
    if (truth.error !== undefined) {
      if ('reading' in outcome) found.push(`an error was read as an answer: ${JSON.stringify(outcome.reading)}`);
      else if (recording.status >= 400) found.push(...errorProblems(recording, client, outcome.failure));
    } else if ('failure' in outcome) found.push(`it failed: ${outcome.failure.name} ${outcome.failure.message}`);
    else
      found.push(
        ...readingDifferences(
          expected,
          outcome.reading,
          client.reads.filter((member) => member !== 'hosted'),
        ),
      );
    problems.push(...found.map((problem) => `${cut}: ${problem}`));
  }
  return problems;
}
