import { setTimeout as after } from 'node:timers/promises';
import type { Usage } from '../../../src/protocol/usage.ts';
import { CLIENTS } from './clients/all.ts';
import type { Client, ClientOutcome } from './clients/client.ts';
import { askGateway } from './dialects.ts';
import { isOwnError } from './errors.ts';
import { House, UPSTREAM_KEY } from './house.ts';
import { canonical, differences, isJson, type Json, objectsOf, parsed } from './json.ts';
import { cutShortProblems } from './no-answer-row.ts';
import { plainRequest } from './plain-request.ts';
import type { ReadUsage } from './reading.ts';
import type { Recording } from './recordings.ts';
import { CUTS, type Cut } from './replay.ts';
import { judged, type Row } from './row.ts';
import { readEvents } from './sse-text.ts';
import { readingDifferences, truthOf, usageDifferences } from './truth.ts';

/** The client speaks what the provider speaks: bytes pass. */
export async function nativeRows(recording: Recording, quick: boolean): Promise<Row[]> {
  const { surface } = recording;
  const facts = { recording: recording.id, lane: 'native' } as const;
  const cuts = quick ? CUTS.filter((cut) => cut !== 'bytes') : CUTS;
  await using house = await House.start(recording);
  const rows = [judged({ ...facts, client: 'bytes' }, await bytesProblems(recording, house, cuts))];
  if (surface.operation !== 'chat') return rows;
  const official = CLIENTS.find(({ dialect }) => dialect === surface.dialect);
  if (official !== undefined && recording.stream) {
    const problems = await cutShortProblems(recording, house, official, requestOf(recording));
    rows.push(judged({ ...facts, client: 'no answer' }, problems));
  }
  for (const client of CLIENTS) {
    if (client.dialect !== surface.dialect || !client.asksFor(recording.stream)) continue;
    if (client.knows?.(recording.response.toString('utf8'), truthOf(recording)) === false) continue;
    rows.push(judged({ ...facts, client: client.name }, await clientProblems(recording, house, client, cuts)));
  }
  return rows;
}

/** The byte contract, whichever way the answer is cut. */
async function bytesProblems(recording: Recording, house: House, cuts: readonly Cut[]): Promise<string[]> {
  const problems: string[] = [];
  const request = requestOf(recording);
  const wish = { ...recording.surface, stream: recording.stream };
  for (const cut of cuts) {
    await house.forget();
    house.replay.cut = cut;
    const calls = house.gateway.ends.length;
    const response = await askGateway(house, wish, request, DIALECT_HEADERS);
    const body = Buffer.from(await response.arrayBuffer());
    const found: string[] = [];
    // A page of HTML in the place of an error stays here: the client gets an error of ours.
    if (recording.status >= 400 && !isOwnError(recording)) {
      if (response.status < 400 || !isJson(parsed(body.toString('utf8')))) found.push(`${response.status} ${body}`);
      problems.push(...found.map((problem) => `${cut}: ${problem}`));
      continue;
    }
    if (response.status !== recording.status) found.push(`status ${response.status}, not ${recording.status}`);
    if (!body.equals(recording.response)) found.push(`the bytes differ ${firstDifference(recording.response, body)}`);
    if (!sameType(response.headers.get('content-type'), recording.contentType)) {
      found.push(`content-type ${response.headers.get('content-type')}, not ${recording.contentType}`);
    }
    const warnings = response.headers.get('x-leeward-warnings');
    if ((warnings ?? 'none') !== 'none') found.push(`warned of ${warnings}`);
    found.push(...sentProblems(recording, request, house));
    if (recording.surface.operation === 'chat') found.push(...(await recordProblems(recording, house, calls)));
    problems.push(...found.map((problem) => `${cut}: ${problem}`));
  }
  return problems;
}

const DIALECT_HEADERS = { 'anthropic-version': '2023-06-01' };

/** A client reads through the gateway what it reads at the provider itself; the vendor's own reads what was recorded. */
async function clientProblems(
  recording: Recording,
  house: House,
  client: Client,
  cuts: readonly Cut[],
): Promise<string[]> {
  const problems: string[] = [];
  const { stream } = recording;
  const request = requestOf(recording);
  const truth = truthOf(recording);
  for (const cut of cuts) {
    await house.forget();
    house.replay.cut = cut;
    const body = { ...request, model: house.model };
    const direct = await client.ask({ origin: house.replay.origin, key: UPSTREAM_KEY, body, stream });
    const through = await client.ask({ origin: house.origin, key: house.gateway.key, body, stream });
    const handedOn = recording.status < 400 || isOwnError(recording);
    const found = handedOn ? outcomeDifferences(direct, through) : 'failure' in through ? [] : ['it was no error'];
    if ('reading' in through && !client.name.startsWith('@ai-sdk')) {
      found.push(...readingDifferences(truth, through.reading, client.reads));
    }
    problems.push(...found.map((problem) => `${cut}: ${problem}`));
  }
  return problems;
}

function outcomeDifferences(direct: ClientOutcome, through: ClientOutcome): string[] {
  if ('failure' in direct && 'failure' in through) {
    const { message: _, ...one } = direct.failure;
    const { message: __, ...other } = through.failure;
    return differences(one, other);
  }
  if (canonical(direct) === canonical(through)) return [];
  return differences(direct, through).map((difference) => `directly / through the gateway: ${difference}`);
}

/** What went upstream is what was asked, but for the usage option that metering needs. */
function sentProblems(recording: Recording, request: Json, { replay, upstreamModel }: House): string[] {
  const sent = parsed(replay.lastAsked?.body ?? '');
  if (!isJson(sent)) return ['nothing went upstream'];
  const { dialect } = recording.surface;
  const asked: Json = dialect === 'gemini' ? request : { ...request, model: upstreamModel };
  if (dialect === 'gemini' && !addressOf(replay).includes(`/models/${upstreamModel}:`)) {
    return [`${addressOf(replay)} is not about ${upstreamModel}`];
  }
  const injected = recording.stream && dialect === 'openai-chat' && asked['stream_options'] === undefined;
  const { stream_options: option, ...rest } = sent;
  if (injected && option !== undefined && canonical(option) !== '{"include_usage":true}') {
    return [`stream_options ${canonical(option)} was put into the request`];
  }
  return differences(asked, injected ? rest : sent).map((difference) => `asked / sent upstream: ${difference}`);
}

/** Path and query of what was asked last. */
export function addressOf({ lastAsked }: House['replay']): string {
  return lastAsked?.head.split(' ', 2)[1] ?? '';
}

/** What the books say was used is what the recording says. */
export async function recordProblems(recording: Recording, { gateway }: House, before: number): Promise<string[]> {
  for (let turn = 0; gateway.ends.length <= before && turn < 400; turn++) await after(5);
  const [end] = gateway.ends.slice(before);
  if (end === undefined) return ['no record was written'];
  const truth = truthOf(recording);
  if (truth.error !== undefined) {
    // Natively a client judges for itself what is neither an answer nor an error.
    const strange = recording.status < 400 && !recording.stream && !isOwnError(recording);
    const forwarded = strange && recording.surface.dialect === gateway.starts.at(-1)?.dialect;
    return end.outcome === 'failed' || forwarded ? [] : [`recorded as ${end.outcome}`];
  }
  if (end.outcome !== 'ok') return [`recorded as ${end.outcome}: ${end.errorMessage}`];
  if (truth.usage === undefined) return end.usageSource === 'provider' ? ['use is on record that nobody told'] : [];
  return usageDifferences(truth.usage, recordedUsage(end.usage)).map((each) => `on record: ${each}`);
}

export function recordedUsage(usage: Usage | undefined): ReadUsage | undefined {
  return (
    usage && {
      input: usage.inputTokens,
      cacheRead: usage.cachedInputTokens,
      cacheWrite: usage.cacheWriteTokens,
      output: usage.outputTokens,
      reasoning: usage.reasoningTokens,
    }
  );
}

/**
 * As recorded, or a plain one where only the answer was. Who got an event with
 * nothing but the usage is taken to have asked for it: where only the gateway
 * asks, it keeps that event to itself.
 */
function requestOf(recording: Recording): Json {
  const { request, surface, stream } = recording;
  const asked = request ?? plainRequest(surface.dialect);
  const wanted = stream && surface.dialect === 'openai-chat' && asked['stream_options'] === undefined;
  const usage = wanted && tellsUsageApart(recording) ? { stream_options: { include_usage: true } } : {};
  const streamed = stream && surface.dialect !== 'gemini' ? { stream: true } : {};
  return { ...asked, ...streamed, ...usage };
}

function tellsUsageApart({ response }: Recording): boolean {
  return readEvents(response).some(({ data }) => isJson(data['usage']) && objectsOf(data['choices']).length === 0);
}

function sameType(one: string | null, other: string): boolean {
  const plain = (type: string | null) => (type ?? '').split(';')[0]?.trim().toLowerCase();
  return plain(one) === plain(other);
}

function firstDifference(one: Buffer, other: Buffer): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const shown = (bytes: Buffer) => JSON.stringify(bytes.toString('latin1', Math.max(0, at - 20), at + 60));
  return `at byte ${at} of ${one.length}: ${shown(one)} / ${shown(other)}`;
}
