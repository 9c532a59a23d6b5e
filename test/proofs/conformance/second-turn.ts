import { type PresetName, presetOf } from '../../../src/config/presets.ts';
import type { Ask } from './asks/ask.ts';
import { intentOf } from './asks/said-in.ts';
import { askGateway, type ChatDialect } from './dialects.ts';
import type { House } from './house.ts';
import { canonical, isJson, type Json, objectOf, objectsOf, parsed, textOf } from './json.ts';
import type { Reading } from './reading.ts';
import type { Recording } from './recordings.ts';
import { truthOf } from './truth.ts';
import { RESULT, turnAfter } from './turn-after.ts';

/**
 * The turn after the recorded one: the client sends back what it was answered,
 * with the results of the tools that were called, and the provider must get its
 * own thoughts, signatures and calls back as it had given them, in their order,
 * and the marker of its cache.
 */
export async function secondTurnProblems(
  recording: Recording,
  house: House,
  client: ChatDialect,
  ask: Ask,
): Promise<string[]> {
  house.replay.cut = 'whole';
  const { stream, surface } = recording;
  const wish = { dialect: client, stream };
  const first = await askGateway(house, wish, ask.request);
  const body = Buffer.from(await first.arrayBuffer());
  if (first.status !== 200) return [`the first turn failed: ${body.toString('utf8', 0, 200)}`];
  const { request, callIds } = turnAfter(client, ask.request, stream, body);
  const asked = house.replay.asked;
  const second = await askGateway(house, wish, request);
  const said = await second.text();
  if (house.replay.asked === asked) return [`the second turn went nowhere: ${second.status} ${said.slice(0, 300)}`];
  const sent = parsed(house.replay.lastAsked?.body ?? '');
  if (!isJson(sent)) return ['what went upstream is no JSON object'];
  const truth = truthOf(recording);
  const named = { ...truth, toolCalls: withIds(truth, callIds) };
  const warnings = second.headers.get('x-leeward-warnings') ?? '';
  // Clients of the other two dialects have no word for a marker.
  const marks = client === 'openai-chat' || client === 'anthropic-messages';
  if (surface.dialect === 'anthropic-messages') return messagesProblems(named, sent, marks);
  if (surface.dialect === 'openai-chat') return chatProblems(recording, named, sent, marks ? warnings : undefined);
  return intentProblems(surface.dialect, truth, callIds, sent);
}

/** A call that came without an id has the one that the client was told. */
function withIds({ toolCalls }: Reading, callIds: readonly string[]): Reading['toolCalls'] {
  return toolCalls.map((call, at) => (call.id === '' ? { ...call, id: String(callIds[at]) } : call));
}

/** What a provider of Responses or Gemini must get back: its seals with what it sealed, its calls, and their results. */
function intentProblems(
  provider: 'openai-responses' | 'gemini',
  truth: Reading,
  callIds: readonly string[],
  sent: Json,
): string[] {
  // Where the provider names no calls, nobody's names for them are sent there.
  const nameOf = (id: string, at: number) => (truth.toolCalls[at]?.id === '' ? {} : { id });
  const { turns } = intentOf(provider, sent);
  // An answer that says nothing makes no turn.
  if (truth.text === '' && truth.toolCalls.length === 0 && truth.foreignSeals.length === 0) return [];
  const said = turns.findLast(({ role }) => role === 'assistant')?.parts ?? [];
  const last = turns.at(-1)?.parts ?? [];
  const made = said.flatMap((part) => (part.type === 'call' ? [part] : []));
  const calls = made.map(({ id, name, input }, at) => ({ ...nameOf(id, at), name, arguments: input }));
  const expected = truth.toolCalls.map(({ id, ...call }, at) => ({ ...nameOf(id, at), ...call }));
  const seals = said.flatMap((part) => {
    if (part.type === 'thought') return part.seal || [];
    return part.type === 'call' && part.seal !== PLACEHOLDER ? (part.seal ?? []) : [];
  });
  const results = last.flatMap((part) =>
    part.type === 'result'
      ? [
          {
            call: made.findIndex(({ id }) => id === part.callId),
            text: part.parts.map((each) => (each.type === 'text' ? each.text : '')).join(''),
          },
        ]
      : [],
  );
  return [
    ...differs('seals', truth.foreignSeals, seals),
    ...differs('calls of tools', expected, calls),
    ...differs(
      'results of tools',
      callIds.map((id, call) => ({ call, text: `${RESULT}${id}` })),
      results,
    ),
  ];
}

/** Google's placeholder for a signature that nobody has. */
const PLACEHOLDER = 'skip_thought_signature_validator';

/** What Anthropic's API must get back: thoughts before calls, each as it was signed. */
function messagesProblems(truth: Reading, sent: Json, marks: boolean): string[] {
  const messages = objectsOf(sent['messages']);
  const said = messages.findLast(({ role }) => role === 'assistant');
  const blocks =
    typeof said?.['content'] === 'string' ? [{ type: 'text', text: said['content'] }] : objectsOf(said?.['content']);
  const of = (type: string) => blocks.filter((block) => block['type'] === type);
  const last = messages.at(-1);
  const followed = objectsOf(last?.['content']);
  const marked = followed.findLast((part) => part['type'] === 'text');
  const signed = truth.signatures.length > 0 ? truth.reasoning : '';
  const calls = of('tool_use').map(({ id, name, input }) => ({ id, name, arguments: input }));
  const results = messages.flatMap(({ content }) => objectsOf(content)).filter(({ type }) => type === 'tool_result');
  return [
    ...differs(
      'signatures',
      truth.signatures,
      of('thinking').map(({ signature }) => signature),
    ),
    ...differs(
      'thoughts',
      signed,
      of('thinking')
        .map(({ thinking }) => String(thinking))
        .join(''),
    ),
    ...differs(
      'sealed thoughts',
      truth.sealed,
      of('redacted_thinking').map(({ data }) => data),
    ),
    ...differs('calls of tools', truth.toolCalls, calls),
    ...differs(
      'results of tools',
      resultsOf(truth),
      resultsOf(truth).length === 0 ? [] : results.slice(-truth.toolCalls.length).map(resultText),
    ),
    ...(marks ? differs('the cache marker', { type: 'ephemeral' }, objectOf(marked)['cache_control']) : []),
    ...(of('thinking').length > 0 && !/thinking$/.test(String(blocks[0]?.['type']))
      ? ['the thoughts do not come first']
      : []),
  ];
}

function resultText({ tool_use_id: id, content }: Json): Json {
  return {
    id,
    text:
      typeof content === 'string'
        ? content
        : objectsOf(content)
            .map(({ text }) => String(text))
            .join(''),
  };
}

function resultsOf(truth: Reading): Json[] {
  return truth.toolCalls.map(({ id }) => ({ id, text: `${RESULT}${id}` }));
}

/** What a provider of the Chat Completions family must get back. */
function chatProblems({ surface }: Recording, truth: Reading, sent: Json, warnings: string | undefined): string[] {
  const messages = objectsOf(sent['messages']);
  const said = objectOf(messages.findLast(({ role }) => role === 'assistant'));
  const calls = objectsOf(said['tool_calls']).map((call) => {
    const { name, arguments: text } = objectOf(call['function']);
    return { id: call['id'], name, arguments: parsed(String(text)) ?? text };
  });
  const results = messages.filter(({ role }) => role === 'tool').slice(-truth.toolCalls.length || messages.length);
  const resultTexts = results.map(({ tool_call_id: id, content }) => resultText({ tool_use_id: id, content }));
  return [
    ...differs('calls of tools', truth.toolCalls, calls),
    ...differs('results of tools', resultsOf(truth), truth.toolCalls.length === 0 ? [] : resultTexts),
    ...(warnings === undefined ? [] : markerProblems(surface.preset, objectOf(messages.at(-1)), warnings)),
    ...(surface.preset === 'openrouter' ? detailProblems(truth, said) : []),
  ];
}

function detailProblems(truth: Reading, said: Json): string[] {
  const details = objectsOf(said['reasoning_details']);
  const signatures = details.flatMap(({ signature }) => textOf(signature) || []);
  const sealed = details.flatMap(({ type, data }) => (type === 'reasoning.encrypted' ? [String(data)] : []));
  return [
    ...differs(
      'signatures',
      truth.signatures,
      signatures.filter((one) => !truth.foreignSeals.includes(one)),
    ),
    ...differs(
      'foreign seals',
      truth.foreignSeals,
      [...signatures, ...sealed].filter((one) => truth.foreignSeals.includes(one)),
    ),
  ];
}

/** A marker arrives by the provider's name for it, or the client is told that it does not. */
function markerProblems(preset: PresetName, last: Json, warnings: string): string[] {
  const marker = presetOf(preset).vocabulary?.cacheMarkers;
  const [part = {}] = objectsOf(last['content']).slice(-1);
  if (marker === undefined) {
    return /cache_control/.test(warnings) ? [] : [`a cache marker is lost and not warned of: ${warnings}`];
  }
  return isJson(part[marker]) ? [] : [`the cache marker is not there as ${marker}: ${canonical(last).slice(0, 200)}`];
}

function differs(what: string, one: unknown, other: unknown): string[] {
  const [expected, found] = [canonical(one), canonical(other)];
  return expected === found ? [] : [`${what}: ${expected.slice(0, SHOWN_CHARS)} / ${found.slice(0, SHOWN_CHARS)}`];
}

const SHOWN_CHARS = 300;
