import type { ChatCall } from '../../protocol/chat/call.ts';
import { type Fields, isFields } from '../fields.ts';
import { type CallWriting, loseSetting } from './call-losses.ts';
import { writeThinking } from './thinking-writer.ts';

/** The API's own bound. */
const STOPS_MAX = 5;
const INT32 = 2_147_483_647;

/** `generationConfig`: how the answer is to be made. */
export function writeConfig(writing: CallWriting): Fields {
  const { call } = writing;
  return {
    ...samplingOf(writing),
    ...set('maxOutputTokens', call.outputTokensMax),
    ...formatOf(writing),
    ...set('responseModalities', modalitiesOf(call)),
    ...set('speechConfig', speechOf(writing)),
    ...set('thinkingConfig', writeThinking(writing)),
  };
}

export function set(name: string, value: unknown): Fields {
  return value === undefined ? {} : { [name]: value };
}

function samplingOf(writing: CallWriting): Fields {
  const { temperature, topP, topK, frequencyPenalty, presencePenalty } = writing.call.sampling;
  return {
    ...set('temperature', temperature),
    ...set('topP', topP),
    ...set('topK', topK),
    ...set('candidateCount', candidatesOf(writing)),
    ...set('stopSequences', stopOf(writing)),
    ...set('seed', seedOf(writing)),
    ...set('frequencyPenalty', penaltyOf(frequencyPenalty, 'frequencyPenalty', writing)),
    ...set('presencePenalty', penaltyOf(presencePenalty, 'presencePenalty', writing)),
    ...logprobsOf(writing),
  };
}

/** An empty sequence is refused, and ends nothing. */
function stopOf(writing: CallWriting): readonly string[] | undefined {
  const stop = writing.call.sampling.stop?.filter((sequence) => sequence !== '');
  if (stop === undefined || stop.length === 0) return undefined;
  if (stop.length > STOPS_MAX) {
    loseSetting(writing, 'stop', `this dialect has at most ${STOPS_MAX}: the first ones are sent`);
  }
  return stop.slice(0, STOPS_MAX);
}

/** A number of 32 bits; from a larger one, the same smaller one is made each time. */
function seedOf({ call }: CallWriting): number | undefined {
  const { seed } = call.sampling;
  if (seed === undefined || !Number.isFinite(seed) || Math.abs(seed) <= INT32) return seed;
  return Math.abs(Math.trunc(seed)) % INT32;
}

function candidatesOf(writing: CallWriting): number | undefined {
  const { choices } = writing.call.sampling;
  if (choices === undefined || choices <= 1 || takes('manyCandidates', writing)) return choices;
  loseSetting(writing, 'choices', 'this model gives one answer at a time');
  return undefined;
}

function logprobsOf(writing: CallWriting): Fields {
  const { logprobs } = writing.call.sampling;
  if (logprobs === undefined) return {};
  if (!takes('logprobs', writing)) {
    loseSetting(writing, 'logprobs', 'this model tells no probabilities');
    return {};
  }
  return { responseLogprobs: true, ...set('logprobs', logprobs === 0 ? undefined : logprobs) };
}

/** What its own vendor's client asks for is its own affair. */
function takes(habit: 'manyCandidates' | 'logprobs' | 'penalties', { habits, call }: CallWriting): boolean {
  return habits[habit] || call.client === 'gemini';
}

/** Most models refuse a penalty that is one. */
function penaltyOf(
  value: number | undefined,
  setting: 'frequencyPenalty' | 'presencePenalty',
  writing: CallWriting,
): number | undefined {
  if (value === undefined || value === 0 || takes('penalties', writing)) return value;
  loseSetting(writing, setting, 'this model takes no such setting');
  return undefined;
}

function formatOf(writing: CallWriting): Fields {
  const { responseFormat: format, tools = [] } = writing.call;
  if (format === undefined) return {};
  if (format.type === 'text') return { responseMimeType: 'text/plain' };
  const calls = tools.some(({ type }) => type !== 'hosted');
  if (calls && !writing.habits.jsonBesideTools) {
    loseSetting(writing, 'responseFormat', 'this model does not keep to a format where it has functions to call');
    return {};
  }
  const schema = format.type === 'json-schema' ? set('responseJsonSchema', format.schema) : {};
  return { responseMimeType: 'application/json', ...schema };
}

const MODALITIES = { text: 'TEXT', audio: 'AUDIO', image: 'IMAGE' } as const;

/** Who is spoken to elsewhere reads along; here a model that speaks does not write too. */
function modalitiesOf({ outputs, client }: ChatCall): readonly string[] | undefined {
  if (outputs === undefined) return undefined;
  const spoken = outputs.includes('audio') && client !== 'gemini';
  return outputs.filter((output) => !(spoken && output === 'text')).map((output) => MODALITIES[output]);
}

/** The voices of OpenAI's models: nobody here has them. */
const FOREIGN_VOICES = /^(?:alloy|ash|ballad|cedar|coral|echo|fable|marin|nova|onyx|sage|shimmer|verse)$/i;

function speechOf(writing: CallWriting): Fields | undefined {
  const { voice, client } = writing.call;
  if (voice === undefined || client === 'gemini' || isFields(voice['voiceConfig'])) return voice;
  const name = voice['voice'];
  if (typeof name !== 'string') return undefined;
  if (FOREIGN_VOICES.test(name)) {
    loseSetting(writing, 'voice', 'this provider has no voice of that name, so it chooses one');
    return undefined;
  }
  return { voiceConfig: { prebuiltVoiceConfig: { voiceName: name } } };
}
