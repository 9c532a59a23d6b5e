import { describe, expect, test } from 'vitest';
import { messagesClient } from '../src/edge/anthropic/codec.ts';
import { geminiClient } from '../src/edge/gemini/codec.ts';
import { chatClient } from '../src/edge/openai/codec.ts';
import { responsesClient } from '../src/edge/responses/codec.ts';
import type { ChatCall } from '../src/protocol/chat/call.ts';
import type { ClientCodec, Loss, ProviderCodec, TargetTraits } from '../src/protocol/chat/codec.ts';
import { lossesOf } from '../src/protocol/fidelity/losses.ts';
import { tableOf } from '../src/protocol/fidelity/tables.ts';
import { messagesProvider } from '../src/providers/anthropic/codec.ts';
import { geminiProvider } from '../src/providers/gemini/codec.ts';
import { chatProvider } from '../src/providers/openai/codec.ts';
import { responsesProvider } from '../src/providers/responses/codec.ts';
import { chatRequests } from './support/fidelity/chat-requests.ts';
import { geminiRequests } from './support/fidelity/gemini-requests.ts';
import { marksOf } from './support/fidelity/marks.ts';
import { messagesRequests } from './support/fidelity/messages-requests.ts';
import { responsesRequests } from './support/fidelity/responses-requests.ts';
import { touchedRows } from './support/fidelity/touched-rows.ts';
import { withoutLosses } from './support/fidelity/without-losses.ts';

/** What the tables promise, the codecs do: nothing that a client says is gone without a word. */

interface Direction {
  readonly says: string;
  readonly client: ClientCodec;
  readonly provider: ProviderCodec;
  readonly requests: readonly Readonly<Record<string, unknown>>[];
  readonly traits: TargetTraits;
  /** The model is not told the ids of calls: their order says which result is whose. */
  readonly withoutCallIds?: true;
}

const BASE: TargetTraits = { model: 'm', maxTokensField: 'max_tokens', streamUsageOption: true };
const DIRECTIONS: readonly Direction[] = [
  {
    says: 'a Chat Completions client and an older model of Messages',
    client: chatClient,
    provider: messagesProvider,
    requests: chatRequests,
    traits: { ...BASE, model: 'claude-sonnet-4-20250514' },
  },
  {
    says: 'a Chat Completions client and a later model of Messages',
    client: chatClient,
    provider: messagesProvider,
    requests: chatRequests,
    traits: { ...BASE, model: 'claude-opus-5-5' },
  },
  {
    says: 'a Messages client and a provider that knows everything of the family',
    client: messagesClient,
    provider: chatProvider,
    requests: messagesRequests,
    traits: { ...BASE, cacheMarkers: 'cache_control', reasoningField: 'reasoning_details', endUserField: 'user' },
  },
  {
    says: 'a Messages client and a provider that knows little of the family',
    client: messagesClient,
    provider: chatProvider,
    requests: messagesRequests,
    traits: BASE,
  },
  {
    says: 'a Messages client and a model that always thinks',
    client: messagesClient,
    provider: chatProvider,
    requests: messagesRequests,
    traits: { ...BASE, model: 'gpt-5', cacheMarkers: 'prompt_cache_breakpoint', endUserField: 'safety_identifier' },
  },
  {
    says: "a Chat Completions client and OpenAI's own Responses",
    client: chatClient,
    provider: responsesProvider,
    requests: chatRequests,
    traits: { ...BASE, cacheMarkers: 'prompt_cache_breakpoint', endUserField: 'safety_identifier' },
  },
  {
    says: 'a Chat Completions client and a provider of Responses that knows no markers',
    client: chatClient,
    provider: responsesProvider,
    requests: chatRequests,
    traits: { ...BASE, model: 'gpt-5', endUserField: 'user' },
  },
  {
    says: "a Messages client and OpenAI's own Responses",
    client: messagesClient,
    provider: responsesProvider,
    requests: messagesRequests,
    traits: { ...BASE, cacheMarkers: 'prompt_cache_breakpoint', endUserField: 'safety_identifier' },
  },
  {
    says: 'a Messages client and a provider of Responses that takes thoughts back',
    client: messagesClient,
    provider: responsesProvider,
    requests: messagesRequests,
    traits: { ...BASE, reasoningField: 'reasoning_content', endUserField: 'user' },
  },
  {
    says: 'a Responses client and a provider that knows everything of the Chat Completions family',
    client: responsesClient,
    provider: chatProvider,
    requests: responsesRequests,
    traits: { ...BASE, cacheMarkers: 'prompt_cache_breakpoint', reasoningField: 'reasoning_details' },
  },
  {
    says: 'a Responses client and a provider that knows little of the family',
    client: responsesClient,
    provider: chatProvider,
    requests: responsesRequests,
    traits: BASE,
  },
  {
    says: 'a Responses client and an older model of Messages',
    client: responsesClient,
    provider: messagesProvider,
    requests: responsesRequests,
    traits: { ...BASE, model: 'claude-sonnet-4-20250514' },
  },
  {
    says: 'a Responses client and a later model of Messages',
    client: responsesClient,
    provider: messagesProvider,
    requests: responsesRequests,
    traits: { ...BASE, model: 'claude-opus-5-5' },
  },
  {
    says: 'a Chat Completions client and an older Gemini',
    client: chatClient,
    provider: geminiProvider,
    requests: chatRequests,
    traits: { ...BASE, model: 'gemini-2.5-flash' },
    withoutCallIds: true,
  },
  {
    says: 'a Chat Completions client and a later Gemini',
    client: chatClient,
    provider: geminiProvider,
    requests: chatRequests,
    traits: { ...BASE, model: 'gemini-3-pro-preview' },
  },
  {
    says: 'a Messages client and an older Gemini',
    client: messagesClient,
    provider: geminiProvider,
    requests: messagesRequests,
    traits: { ...BASE, model: 'gemini-2.5-flash' },
    withoutCallIds: true,
  },
  {
    says: 'a Messages client and a later Gemini',
    client: messagesClient,
    provider: geminiProvider,
    requests: messagesRequests,
    traits: { ...BASE, model: 'gemini-3-pro-preview' },
  },
  {
    says: 'a Responses client and an older Gemini',
    client: responsesClient,
    provider: geminiProvider,
    requests: responsesRequests,
    traits: { ...BASE, model: 'gemini-2.5-flash' },
    withoutCallIds: true,
  },
  {
    says: 'a Responses client and a later Gemini',
    client: responsesClient,
    provider: geminiProvider,
    requests: responsesRequests,
    traits: { ...BASE, model: 'gemini-3-pro-preview' },
  },
  {
    says: 'a Gemini client and a provider that knows everything of the Chat Completions family',
    client: geminiClient,
    provider: chatProvider,
    requests: geminiRequests,
    traits: { ...BASE, reasoningField: 'reasoning_details' },
  },
  {
    says: 'a Gemini client and a provider that knows little of that family',
    client: geminiClient,
    provider: chatProvider,
    requests: geminiRequests,
    traits: BASE,
  },
  {
    says: 'a Gemini client and a provider of Responses',
    client: geminiClient,
    provider: responsesProvider,
    requests: geminiRequests,
    traits: BASE,
  },
  {
    says: 'a Gemini client and an older model of Messages',
    client: geminiClient,
    provider: messagesProvider,
    requests: geminiRequests,
    traits: { ...BASE, model: 'claude-sonnet-4-20250514' },
  },
  {
    says: 'a Gemini client and a later model of Messages',
    client: geminiClient,
    provider: messagesProvider,
    requests: geminiRequests,
    traits: { ...BASE, model: 'claude-opus-5-5' },
  },
];

/** Not said to the provider, and no loss: the table's rows for them say why. */
const SAID_OTHERWISE = [
  /^thinking\.budget_tokens$/,
  /^reasoning\.max_tokens$/,
  /^client_metadata\./,
  /^input\[\d+\]\.encrypted_content$/,
  /^metadata\./,
  /^(?:text\.format|response_format\.json_schema)\.name$/,
  /^generationConfig\.thinkingConfig\.thinkingBudget$/,
];

const CALL_ID = /\.(?:call_id|tool_call_id|tool_use_id)$|(?:tool_calls|content)\[\d+\]\.id$/;

describe.each(DIRECTIONS)('between $says', (direction) => {
  const { client, provider, requests: all, traits } = direction;
  const table = tableOf(client.dialect, provider.dialect);
  if (table === undefined) throw new Error('there is no table');
  const requests = all.map((request) => withoutLosses(table, request));

  test('each row that is kept or mapped is said by one of the requests', () => {
    const touched = touchedRows(table.request, requests, table);
    const told = table.request.filter(({ fate }) => fate === 'kept' || fate === 'mapped');
    expect(told.filter((row) => !touched.has(row)).map(({ field }) => field)).toEqual([]);
  });

  test.each(requests.map((request, at) => [at + 1, request] as const))(
    'what request %i says is told the provider, or named as lost',
    (_, request) => {
      const walked = lossesOf(table, request);
      expect(walked).toEqual({ losses: [], more: 0 });
      expect(marksOf(request).length).toBeGreaterThan(0);
      expect(goneWithoutAWord(direction, request)).toEqual([]);
    },
  );

  // Gemini's dialect has none, and so the walk names each.
  test.runIf(![client.dialect, provider.dialect].includes('gemini'))(
    'each marker of the prompt cache arrives, or is named as lost',
    () => {
      let markers = 0;
      for (const request of requests) {
        const losses: Loss[] = [];
        const written = provider.writeCall(said(client, request), traits, losses);
        const lost = losses.filter(({ field }) => /(?:cache_control|prompt_cache_breakpoint)$/.test(field)).length;
        expect(markersIn(written) + lost).toBe(markersIn(request));
        markers += markersIn(request);
      }
      expect(markers).toBeGreaterThan(5);
    },
  );

  test('no loss is named twice, nor one that the walk names already', () => {
    for (const request of requests) {
      const losses: Loss[] = [];
      provider.writeCall(said(client, request), traits, losses);
      const fields = losses.map(({ field }) => field);
      expect(new Set(fields).size).toBe(fields.length);
      for (const { reason } of losses) expect(reason).toMatch(/^[ -:<-~]+$/);
    }
  });
});

/** Settings whose absence is what is told of, and those that have an older name. */
const UNSAID = /(?:max_tokens|max_completion_tokens|max_output_tokens|maxOutputTokens)$|^output_config|^tool_choice$/;

test.each(DIRECTIONS)('what is lost between $says is named where its client said it', (direction) => {
  const { client, provider, requests, traits } = direction;
  const table = tableOf(client.dialect, provider.dialect);
  for (const each of table === undefined ? [] : requests.map((request) => withoutLosses(table, request))) {
    const losses: Loss[] = [];
    provider.writeCall(said(client, each), traits, losses);
    const nowhere = losses.map(({ field }) => field).filter((field) => !UNSAID.test(field) && !standsIn(each, field));
    expect(nowhere).toEqual([]);
  }
});

test('what a codec drops without a word is found', () => {
  const [direction] = DIRECTIONS;
  const [request] = chatRequests;
  if (direction === undefined || request === undefined) throw new Error('there is no case');
  const readCall: ClientCodec['readCall'] = (fields) => {
    const { endUser: _, safetyIdentifier: __, ...call } = chatClient.readCall(fields);
    return { ...call, sampling: {}, messages: call.messages.slice(1) };
  };
  const fields = goneWithoutAWord({ ...direction, client: { ...chatClient, readCall } }, request);
  expect(fields).toEqual(
    expect.arrayContaining([
      'safety_identifier',
      'temperature',
      'top_p',
      'top_k',
      'stop[0]',
      'messages[0].content[0].text',
    ]),
  );
  expect(fields).toHaveLength(7);
});

function standsIn(request: unknown, field: string): boolean {
  let value = request;
  for (const step of field.split(/\.|\[(\d+)\]\.?/).filter((each) => each !== undefined && each !== '')) {
    if (typeof value !== 'object' || value === null || !(step in value)) return false;
    value = (value as Record<string, unknown>)[step];
  }
  return true;
}

/** Places of a request whose values the provider is not told, and no loss names. */
function goneWithoutAWord(
  { client, provider, traits, withoutCallIds }: Omit<Direction, 'says' | 'requests'>,
  request: Readonly<Record<string, unknown>>,
): string[] {
  const losses: Loss[] = [];
  const written = JSON.stringify(provider.writeCall(said(client, request), traits, losses));
  const told = (mark: string) => written.includes(mark) || written.includes(Buffer.from(mark).toString('base64'));
  const gone = marksOf(request)
    .filter(({ mark, field }) => !told(mark) && !isNamed(field, losses))
    .filter(({ field }) => withoutCallIds !== true || !CALL_ID.test(field));
  return gone.map(({ field }) => field);
}

/** The call as the lane hands it over. */
function said(client: ClientCodec, request: Readonly<Record<string, unknown>>): ChatCall {
  return { ...client.readCall(request), client: client.dialect };
}

function markersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [name, member]) =>
      sum + (name === 'cache_control' || name === 'prompt_cache_breakpoint' ? 1 : markersIn(member)),
    0,
  );
}

/** By itself, or by what it is part of. */
function isNamed(field: string, losses: readonly Loss[]): boolean {
  if (SAID_OTHERWISE.some((pattern) => pattern.test(field))) return true;
  const known = field.replace(/^top_logprobs$/, 'logprobs').replace(/^output_format\b/, 'output_config.format');
  return losses.some(
    ({ field: lost }) => lost === field || [`${lost}.`, `${lost}[`].some((each) => `${known}.`.startsWith(each)),
  );
}
