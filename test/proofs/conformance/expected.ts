import { tableOf } from '../../../src/protocol/fidelity/tables.ts';
import type { Client } from './clients/client.ts';
import type { Reading, ReadUsage } from './reading.ts';

type Dialect = Client['dialect'];

/** The words of one dialect for why an answer ended, by those of the other. What has none ended by itself. */
const FINISH: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  'anthropic-messages': {
    stop: 'end_turn',
    length: 'max_tokens',
    tool_calls: 'tool_use',
    function_call: 'tool_use',
    content_filter: 'refusal',
  },
  'openai-chat': {
    end_turn: 'stop',
    stop_sequence: 'stop',
    pause_turn: 'stop',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tool_calls',
    refusal: 'content_filter',
  },
};

/**
 * Where what a reading holds stands in the provider's answer, by the names of
 * the table of fidelity: it may be missing where the table says so, and only
 * there.
 */
const PLACES: Readonly<Record<Dialect, Readonly<Partial<Record<keyof Reading, readonly string[]>>>>> = {
  'openai-chat': {
    logprobs: ['choices[].logprobs'],
    choices: ['choices'],
    webCitations: ['choices[].message.annotations[url_citation].url_citation.url'],
  },
  'anthropic-messages': {
    stopSequence: ['stop_sequence'],
    documentCitations: [
      'content[text].citations[char_location]',
      'content[text].citations[page_location]',
      'content[text].citations[content_block_location]',
      'content[text].citations[search_result_location]',
    ],
    webCitations: ['content[text].citations[web_search_result_location].url'],
  },
};

const NOTHING_USED: ReadUsage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

/** What a client of the other dialect must read of an answer, given what the recording holds. */
export function expectedReading(truth: Reading, provider: Dialect, client: Dialect): Reading {
  const lost = (member: keyof Reading) => isLost(member, provider, client);
  const toMessages = client === 'anthropic-messages';
  return {
    ...truth,
    // A refusal is told as a text there, whose end says what it is; so is what was said aloud.
    text: toMessages ? truth.text + truth.refusal + truth.spoken : truth.text,
    // Where nobody told the use, Messages has no word but 0.
    usage: truth.usage ?? (toMessages ? NOTHING_USED : undefined),
    refusal: '',
    finish: finishOf(truth, client),
    choices: 1,
    logprobs: lost('logprobs') ? 0 : truth.logprobs,
    webCitations: lost('webCitations') ? [] : truth.webCitations,
    documentCitations: lost('documentCitations') ? 0 : truth.documentCitations,
    stopSequence: lost('stopSequence') ? undefined : truth.stopSequence,
    hosted: [],
  };
}

/**
 * What the client's dialect has no place for although no row of the table says
 * that it is lost.
 *
 * @param read what is compared, so that it need not be named
 */
export function unnamedLosses(
  truth: Reading,
  provider: Dialect,
  client: Dialect,
  read: readonly (keyof Reading)[],
): string[] {
  const unnamed = (['logprobs', 'documentCitations', 'webCitations', 'stopSequence'] as const).filter((member) => {
    const value = truth[member];
    const holds = Array.isArray(value) ? value.length > 0 : Boolean(value);
    return holds && !read.includes(member) && !isLost(member, provider, client);
  });
  const rows = tableOf(client, provider)?.answer ?? [];
  const hosted = truth.hosted.filter(
    (type) =>
      !rows.some(({ field, fate }) => (field === `content[${type}]` || field === 'content[*]') && fate === 'warned'),
  );
  return [...unnamed, ...new Set(hosted)].map((what) => `the table of fidelity does not say that ${what} is lost`);
}

function isLost(member: keyof Reading, provider: Dialect, client: Dialect): boolean {
  const places = PLACES[provider][member] ?? [];
  const rows = tableOf(client, provider)?.answer ?? [];
  return (
    places.length > 0 && places.every((place) => rows.some(({ field, fate }) => field === place && fate === 'warned'))
  );
}

/** Some providers end an answer of tool calls, or a refusal, with a plain stop: clients of Messages go by the reason. */
function finishOf(truth: Reading, client: Dialect): string {
  if (client === 'anthropic-messages' && truth.finish === 'stop') {
    if (truth.toolCalls.length > 0) return 'tool_use';
    if (truth.refusal !== '') return 'refusal';
  }
  return FINISH[client][truth.finish ?? ''] ?? (client === 'openai-chat' ? 'stop' : 'end_turn');
}
