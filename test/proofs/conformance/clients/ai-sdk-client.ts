import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { type Json, numberOf, objectOf, textOf } from '../json.ts';
import { argumentsOf, EMPTY_READING, type Reading, type ReadToolCall, type ReadUsage, sealsOf } from '../reading.ts';
import { type Client, type ClientCall, outcomeOf } from './client.ts';

/**
 * The AI SDK's own clients, whose schemas refuse what their vendor would not
 * send. Their request is replaced by ours on its way: how they write requests
 * is not asked here.
 */
export const aiSdkOpenAi: Client = {
  name: '@ai-sdk/openai',
  dialect: 'openai-chat',
  reads: ['text', 'toolCalls', 'finish', 'usage'],
  // It refuses calls of tools that take a plain text.
  knows: (answer) => !/"custom(?:_tool_call)?"/.test(answer),
  asksFor: () => true,
  ask: (call) => {
    const provider = createOpenAI({ baseURL: `${call.origin}/v1`, apiKey: call.key, fetch: withBody(call) });
    return outcomeOf(() => askModel(provider.chat(modelOf(call)), call));
  },
};

export const aiSdkAnthropic: Client = {
  name: '@ai-sdk/anthropic',
  dialect: 'anthropic-messages',
  reads: ['text', 'reasoning', 'signatures', 'sealed', 'foreignSeals', 'toolCalls', 'finish', 'usage'],
  asksFor: () => true,
  ask: (call) => {
    const provider = createAnthropic({ baseURL: `${call.origin}/v1`, apiKey: call.key, fetch: withBody(call) });
    return outcomeOf(() => askModel(provider(modelOf(call)), call));
  },
};

export const aiSdkResponses: Client = {
  name: '@ai-sdk/openai responses',
  dialect: 'openai-responses',
  reads: ['text', 'toolCalls', 'usage'],
  asksFor: () => true,
  ask: (call) => {
    const provider = createOpenAI({ baseURL: `${call.origin}/v1`, apiKey: call.key, fetch: withBody(call) });
    return outcomeOf(() => askModel(provider.responses(modelOf(call)), call));
  },
};

export const aiSdkGoogle: Client = {
  name: '@ai-sdk/google',
  dialect: 'gemini',
  reads: ['text', 'reasoning', 'toolCalls', 'finish', 'usage'],
  // It makes one text of all candidates of a stream.
  knows: (_, { choices }) => choices === 1,
  asksFor: () => true,
  ask: (call) => {
    const { model: _, stream: __, ...body } = call.body;
    const fetch = withBody({ ...call, body, stream: false });
    const provider = createGoogleGenerativeAI({ baseURL: `${call.origin}/v1beta`, apiKey: call.key, fetch });
    // Of a name with a slash, this client makes a path of its own.
    return outcomeOf(async () => {
      const reading = await askModel(provider(`models/${modelOf(call)}`), call);
      // It gives each call a name of its own.
      return { ...reading, toolCalls: reading.toolCalls.map((each) => ({ ...each, id: OWN_NAME })) };
    });
  },
};

/** In the place of the random name that a client gives to a call. */
export const OWN_NAME = 'a name of its own';

type Model = ReturnType<ReturnType<typeof createAnthropic>>;

async function askModel(model: Model, { stream }: ClientCall): Promise<Reading> {
  const options = { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'x' }] }] };
  if (!stream) {
    const { content, finishReason, usage } = await model.doGenerate(options);
    return readingOf(content as unknown as readonly Json[], finishReason.raw, usage);
  }
  const parts: Json[] = [];
  const answer = await model.doStream(options);
  for await (const part of answer.stream as unknown as AsyncIterable<Json>) parts.push(part);
  const failed = parts.find(({ type }) => type === 'error');
  if (failed !== undefined) throw failed['error'];
  const finish = objectOf(parts.find(({ type }) => type === 'finish'));
  return readingOf(parts.map(asWhole), textOf(objectOf(finish['finishReason'])['raw']), finish['usage']);
}

/** A delta reads as a little part of its kind. */
function asWhole(part: Json): Json {
  const { type } = part;
  if (type === 'text-delta') return { ...part, type: 'text', text: part['delta'] };
  // A thought's end says again what its signature's delta said.
  if (type === 'reasoning-delta') return { ...part, type: 'reasoning', text: part['delta'] };
  if (type === 'reasoning-start') return { ...part, type: 'reasoning', text: '' };
  return part;
}

function readingOf(parts: readonly Json[], finish: string | undefined, usage: unknown): Reading {
  const told = (part: Json) => objectOf(objectOf(part['providerMetadata'])['anthropic']);
  const thoughts = parts.filter(({ type }) => type === 'reasoning');
  const seals = (member: string) => sealsOf(thoughts.map((part) => textOf(told(part)[member]) ?? ''));
  const texts = (of: readonly Json[]) => of.map((part) => textOf(part['text']) ?? '').join('');
  return {
    ...EMPTY_READING,
    text: texts(parts.filter(({ type }) => type === 'text')),
    reasoning: texts(thoughts),
    signatures: seals('signature').own,
    sealed: seals('redactedData').own,
    foreignSeals: [...seals('signature').foreign, ...seals('redactedData').foreign],
    toolCalls: parts
      .filter((part) => part['type'] === 'tool-call' && part['providerExecuted'] !== true)
      .map(toolCallOf),
    finish,
    usage: usageOf(usage),
  };
}

function toolCallOf(part: Json): ReadToolCall {
  const input = part['input'];
  return {
    id: textOf(part['toolCallId']) ?? '',
    name: textOf(part['toolName']) ?? '',
    arguments: typeof input === 'string' ? argumentsOf(input) : (input ?? {}),
  };
}

/** It has the same object where nobody told it anything. */
function usageOf(usage: unknown): ReadUsage | undefined {
  const { inputTokens, outputTokens } = objectOf(usage);
  const [ins, outs] = [objectOf(inputTokens), objectOf(outputTokens)];
  if (numberOf(ins['total']) === undefined && numberOf(outs['total']) === undefined) return undefined;
  return {
    input: numberOf(ins['total']),
    cacheRead: numberOf(ins['cacheRead']),
    cacheWrite: numberOf(ins['cacheWrite']),
    output: numberOf(outs['total']),
    reasoning: numberOf(outs['reasoning']),
  };
}

function modelOf({ body }: ClientCall): string {
  return textOf(body['model']) ?? 'm';
}

function withBody({ body, stream }: ClientCall): typeof fetch {
  const sent = JSON.stringify(stream ? { ...body, stream: true } : body);
  return (url, init) => fetch(url, { ...init, body: sent });
}
