import type { FieldFate } from '../../../src/protocol/fidelity/table.ts';
import { tableOf } from '../../../src/protocol/fidelity/tables.ts';
import type { ChatDialect } from './dialects.ts';
import type { Reading, ReadUsage } from './reading.ts';

/** Why an answer ended, in no dialect. */
type End = 'stop' | 'length' | 'calls' | 'filter' | 'refusal' | 'other';

/** What the words of each dialect mean. What has none ended by itself. */
const ENDS: Readonly<Record<ChatDialect, Readonly<Record<string, End>>>> = {
  'openai-chat': {
    stop: 'stop',
    // Together's older models.
    eos: 'stop',
    length: 'length',
    tool_calls: 'calls',
    function_call: 'calls',
    content_filter: 'filter',
  },
  'openai-responses': {
    completed: 'stop',
    'incomplete: max_output_tokens': 'length',
    'incomplete: content_filter': 'filter',
  },
  'anthropic-messages': {
    end_turn: 'stop',
    stop_sequence: 'stop',
    pause_turn: 'other',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'calls',
    refusal: 'refusal',
  },
  gemini: {
    STOP: 'stop',
    MAX_TOKENS: 'length',
    SAFETY: 'filter',
    RECITATION: 'filter',
    BLOCKLIST: 'filter',
    PROHIBITED_CONTENT: 'filter',
    SPII: 'filter',
    IMAGE_SAFETY: 'filter',
    OTHER: 'other',
  },
};

/** How each dialect says it. */
const WORDS: Readonly<Record<ChatDialect, Readonly<Record<End, string>>>> = {
  'openai-chat': {
    stop: 'stop',
    length: 'length',
    calls: 'tool_calls',
    filter: 'content_filter',
    refusal: 'content_filter',
    other: 'stop',
  },
  'openai-responses': {
    stop: 'completed',
    length: 'incomplete: max_output_tokens',
    calls: 'completed',
    filter: 'incomplete: content_filter',
    refusal: 'completed',
    other: 'completed',
  },
  'anthropic-messages': {
    stop: 'end_turn',
    length: 'max_tokens',
    calls: 'tool_use',
    filter: 'refusal',
    refusal: 'refusal',
    other: 'end_turn',
  },
  gemini: { stop: 'STOP', length: 'MAX_TOKENS', calls: 'STOP', filter: 'SAFETY', refusal: 'SAFETY', other: 'OTHER' },
};

/**
 * Where what a reading holds stands in the provider's answer, by the names of
 * the table of fidelity: it may be missing where the table says so, and only
 * there.
 */
const PLACES: Readonly<Record<ChatDialect, Readonly<Partial<Record<keyof Reading, readonly string[]>>>>> = {
  'openai-chat': {
    logprobs: ['choices[].logprobs'],
    choices: ['choices'],
    webCitations: ['choices[].message.annotations[url_citation].url_citation.url'],
  },
  'openai-responses': {
    logprobs: ['output[message].content[output_text].logprobs'],
    webCitations: ['output[message].content[output_text].annotations[url_citation].url'],
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
  gemini: {
    logprobs: ['candidates[].logprobsResult'],
    choices: ['candidates'],
    webCitations: ['candidates[].groundingMetadata.groundingChunks[].web.uri'],
  },
};

const NOTHING_USED: ReadUsage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

/** What a client of another dialect must read of an answer, given what the recording holds. */
export function expectedReading(truth: Reading, provider: ChatDialect, client: ChatDialect): Reading {
  const lost = (member: keyof Reading) => isLost(member, provider, client);
  const refuses = client === 'openai-chat' || client === 'openai-responses';
  // A refusal is told as a text elsewhere, whose end says what it is; so is what was said aloud.
  const spoken = client === 'openai-chat' ? '' : truth.spoken;
  return {
    ...truth,
    text: truth.text + (refuses ? '' : truth.refusal) + spoken,
    usage: usageOf(truth.usage, client),
    refusal: refuses && provider !== 'anthropic-messages' ? truth.refusal : '',
    spoken: client === 'openai-chat' ? truth.spoken : '',
    finish: wordOf(endOf(truth, provider), truth, client),
    choices: lost('choices') ? 1 : truth.choices,
    logprobs: lost('logprobs') ? 0 : truth.logprobs,
    webCitations: lost('webCitations') ? [] : truth.webCitations,
    documentCitations: lost('documentCitations') ? 0 : truth.documentCitations,
    stopSequence: lost('stopSequence') ? undefined : truth.stopSequence,
    // On a text, only Google's own dialect has a place for one.
    textSeals: [],
    hosted: [],
  };
}

/** A refusal that can be read ends an answer of OpenAI's as any other text does; of one that is none, it has a filter's word. */
function wordOf(end: End, { refusal }: Reading, client: ChatDialect): string {
  const openAi = client === 'openai-chat' || client === 'openai-responses';
  if (end !== 'refusal' || !openAi) return WORDS[client][end];
  return WORDS[client][refusal === '' ? 'filter' : 'stop'];
}

/** Where nobody told the use, Messages has no word but 0; Gemini has none for what was written to a cache. */
function usageOf(usage: ReadUsage | undefined, client: ChatDialect): ReadUsage | undefined {
  if (usage === undefined) return client === 'anthropic-messages' ? NOTHING_USED : undefined;
  if (client !== 'gemini') return usage;
  const { output, reasoning = 0 } = usage;
  // A provider that counts more thought than output has two counts that cannot both be.
  return { ...usage, cacheWrite: 0, output: output === undefined ? undefined : Math.max(output, reasoning) };
}

/**
 * What the client's dialect has no place for although no row of the table says
 * that it is lost.
 *
 * @param read what is compared, so that it need not be named
 */
export function unnamedLosses(
  truth: Reading,
  provider: ChatDialect,
  client: ChatDialect,
  read: readonly (keyof Reading)[],
): string[] {
  const unnamed = (['logprobs', 'documentCitations', 'webCitations', 'stopSequence'] as const).filter((member) => {
    const value = truth[member];
    const holds = Array.isArray(value) ? value.length > 0 : Boolean(value);
    return holds && !read.includes(member) && !isLost(member, provider, client);
  });
  const rows = tableOf(client, provider)?.answer ?? [];
  const hosted = truth.hosted.filter((type) => !rows.some((row) => namesHosted(row, provider, type)));
  return [...unnamed, ...new Set(hosted)].map((what) => `the table of fidelity does not say what becomes of ${what}`);
}

const HOSTED_IN: Readonly<Record<ChatDialect, string>> = {
  'openai-chat': 'choices[].message.content',
  'openai-responses': 'output',
  'anthropic-messages': 'content',
  gemini: 'candidates[].content.parts',
};

/** A row for the type, or one for all types that have none. */
function namesHosted({ field, fate }: FieldFate, provider: ChatDialect, type: string): boolean {
  const list = HOSTED_IN[provider];
  if (field === `${list}[*]`) return fate === 'warned';
  return [`${list}[${type}]`, `${list}[].${type}`].some((name) => field === name || field.startsWith(`${name}.`));
}

function isLost(member: keyof Reading, provider: ChatDialect, client: ChatDialect): boolean {
  const places = PLACES[provider][member] ?? [];
  const rows = tableOf(client, provider)?.answer ?? [];
  return places.length > 0 && places.every((place) => rows.some((row) => row.fate === 'warned' && above(row, place)));
}

/** A row that is lost holds for all below it. */
function above({ field }: FieldFate, place: string): boolean {
  return place === field || place.startsWith(`${field}.`) || place.startsWith(`${field}[`);
}

/** Some providers end an answer of tool calls, or a refusal, with a plain stop: what it holds says what for. */
function endOf(truth: Reading, provider: ChatDialect): End {
  const end = ENDS[provider][truth.finish ?? ''] ?? 'other';
  if (end !== 'stop' && end !== 'other') return end;
  if (truth.toolCalls.length > 0) return 'calls';
  return truth.refusal === '' ? end : 'refusal';
}
