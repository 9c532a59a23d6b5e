import { isPresetName, presetOf } from '../../../src/config/presets.ts';
import type { Ask } from './asks/ask.ts';
import type { House } from './house.ts';
import { canonical, isJson, type Json, objectOf, objectsOf, parsed, textOf } from './json.ts';
import type { Reading } from './reading.ts';
import type { Recording } from './recordings.ts';
import { assembledChat, assembledMessage } from './said-again.ts';
import { readEvents } from './sse-text.ts';
import { truthOf } from './truth.ts';

/**
 * The turn after the recorded one: the client sends back what it was answered,
 * with the results of the tools that were called, and the provider must get its
 * own thoughts, signatures and calls back as it had given them, in their order,
 * and the marker of its cache.
 */
export async function secondTurnProblems(recording: Recording, house: House, ask: Ask): Promise<string[]> {
  house.replay.cut = 'whole';
  const truth = truthOf(recording);
  const toMessages = recording.surface.dialect === 'anthropic-messages';
  const path = toMessages ? '/v1/chat/completions' : '/v1/messages';
  const first = await house.gateway.post(path, { ...ask.request, model: house.model });
  const body = Buffer.from(await first.arrayBuffer());
  if (first.status !== 200) return [`the first turn failed: ${body.toString('utf8', 0, 200)}`];
  const again = toMessages ? chatTurn(recording, body) : messagesTurn(recording, body);
  const messages = [...objectsOf(ask.request['messages']), ...again];
  const asked = house.replay.asked;
  const second = await house.gateway.post(path, { ...ask.request, model: house.model, messages });
  const said = await second.text();
  if (house.replay.asked === asked) return [`the second turn went nowhere: ${second.status} ${said.slice(0, 300)}`];
  const sent = parsed(house.replay.lastAsked?.body ?? '');
  if (!isJson(sent)) return ['what went upstream is no JSON object'];
  const warnings = second.headers.get('x-leeward-warnings') ?? '';
  const named = { ...truth, toolCalls: withIds(truth, again) };
  return toMessages ? messagesProblems(named, sent) : chatProblems(recording, named, sent, warnings);
}

/** A call that came without an id has the one that the client was told. */
function withIds({ toolCalls }: Reading, [said = {}]: readonly Json[]): Reading['toolCalls'] {
  const told = [
    ...objectsOf(said['tool_calls']),
    ...objectsOf(said['content']).filter(({ type }) => type === 'tool_use'),
  ];
  return toolCalls.map((call, at) => (call.id === '' ? { ...call, id: String(told[at]?.['id']) } : call));
}

const GO_ON = 'Go on.';
const RESULT = 'the result of ';

function chatTurn({ stream }: Recording, body: Buffer): Json[] {
  const said = stream
    ? assembledChat(readEvents(body))
    : objectOf(objectsOf(objectOf(parsed(body.toString('utf8')))['choices'])[0]?.['message']);
  const results = objectsOf(said['tool_calls']).map(({ id }) => ({
    role: 'tool',
    tool_call_id: id,
    content: `${RESULT}${String(id)}`,
  }));
  const marked = { type: 'text', text: GO_ON, cache_control: { type: 'ephemeral' } };
  return [said, ...results, { role: 'user', content: [marked] }];
}

function messagesTurn({ stream }: Recording, body: Buffer): Json[] {
  const said = stream
    ? assembledMessage(readEvents(body))
    : objectsOf(objectOf(parsed(body.toString('utf8')))['content']);
  const results = said
    .filter(({ type }) => type === 'tool_use')
    .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: `${RESULT}${String(id)}` }));
  const marked = { type: 'text', text: GO_ON, cache_control: { type: 'ephemeral' } };
  return [
    { role: 'assistant', content: said },
    { role: 'user', content: [...results, marked] },
  ];
}

/** What Anthropic's API must get back: thoughts before calls, each as it was signed. */
function messagesProblems(truth: Reading, sent: Json): string[] {
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
    ...differs('the cache marker', { type: 'ephemeral' }, objectOf(marked)['cache_control']),
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
function chatProblems({ surface }: Recording, truth: Reading, sent: Json, warnings: string): string[] {
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
    ...markerProblems(surface.preset, objectOf(messages.at(-1)), warnings),
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
function markerProblems(preset: string, last: Json, warnings: string): string[] {
  const marker = isPresetName(preset) ? presetOf(preset).vocabulary?.cacheMarkers : undefined;
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
