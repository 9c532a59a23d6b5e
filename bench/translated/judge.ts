import { z } from 'zod';
import { ANSWER_TEXT } from '../load/wire.ts';
import type { MockDialect } from '../upstreams/stream-mock.ts';

/** What the mocks of all dialects count, by what was asked. */
export const ANSWER_TOKENS = { input: 19, output: 36 } as const;
export const STREAM_TOKENS = { input: 9, output: 100 } as const;

const count = z.number().int();

const chatUsage = z
  .object({ prompt_tokens: count, completion_tokens: count, total_tokens: count })
  .refine(({ prompt_tokens, completion_tokens, total_tokens }) => prompt_tokens + completion_tokens === total_tokens)
  .transform(({ prompt_tokens, completion_tokens }) => ({ input: prompt_tokens, output: completion_tokens }));

const messagesUsage = z
  .object({ input_tokens: count, output_tokens: count })
  .transform(({ input_tokens, output_tokens }) => ({ input: input_tokens, output: output_tokens }));

const responsesUsage = z
  .object({ input_tokens: count, output_tokens: count, total_tokens: count })
  .refine(({ input_tokens, output_tokens, total_tokens }) => input_tokens + output_tokens === total_tokens)
  .transform(({ input_tokens, output_tokens }) => ({ input: input_tokens, output: output_tokens }));

const geminiUsage = z
  .object({ promptTokenCount: count, candidatesTokenCount: count, totalTokenCount: count })
  .refine(
    ({ promptTokenCount, candidatesTokenCount, totalTokenCount }) =>
      promptTokenCount + candidatesTokenCount === totalTokenCount,
  )
  .transform(({ promptTokenCount, candidatesTokenCount }) => ({
    input: promptTokenCount,
    output: candidatesTokenCount,
  }));

const response = z
  .object({
    id: z.string().startsWith('resp_'),
    object: z.literal('response'),
    status: z.literal('completed'),
    output: z.tuple([
      z.object({
        id: z.string().startsWith('msg_'),
        type: z.literal('message'),
        role: z.literal('assistant'),
        status: z.literal('completed'),
        content: z.tuple([z.object({ type: z.literal('output_text'), text: z.string() })]),
      }),
    ]),
    usage: responsesUsage,
  })
  .transform(({ output, usage }) => ({ text: output[0].content[0].text, usage }));

/** What an answer says, in words of no dialect. */
const ANSWERS = {
  chat: z
    .object({
      id: z.string().startsWith('chatcmpl-'),
      object: z.literal('chat.completion'),
      choices: z.tuple([
        z.object({
          index: z.literal(0),
          message: z.object({ role: z.literal('assistant'), content: z.string() }),
          finish_reason: z.literal('stop'),
        }),
      ]),
      usage: chatUsage,
    })
    .transform(({ choices, usage }) => ({ text: choices[0].message.content, usage })),
  messages: z
    .object({
      id: z.string().startsWith('msg_'),
      type: z.literal('message'),
      role: z.literal('assistant'),
      content: z.tuple([z.object({ type: z.literal('text'), text: z.string() })]),
      stop_reason: z.literal('end_turn'),
      usage: messagesUsage,
    })
    .transform(({ content, usage }) => ({ text: content[0].text, usage })),
  responses: response,
  gemini: z
    .object({
      candidates: z.tuple([
        z.object({
          content: z.object({ role: z.literal('model'), parts: z.tuple([z.object({ text: z.string() })]) }),
          finishReason: z.literal('STOP'),
        }),
      ]),
      usageMetadata: geminiUsage,
      responseId: z.string(),
    })
    .transform(({ candidates, usageMetadata: usage }) => ({ text: candidates[0].content.parts[0].text, usage })),
} as const;

/** @returns what is wrong with the answer to a short call; `undefined`: it says what the mock said */
export function judgeAnswer(client: MockDialect, body: string): string | undefined {
  const read = ANSWERS[client].safeParse(jsonOf(body));
  if (!read.success) return `the answer is none of ${client}: ${reasonOf(read.error)}: ${body.slice(0, 300)}`;
  const { text, usage } = read.data;
  if (text !== ANSWER_TEXT) return `the answer says ${JSON.stringify(text).slice(0, 200)}`;
  return differentTokens(usage, ANSWER_TOKENS);
}

/** A stream's events as they are told in the order of one dialect. */
interface StreamSaid {
  readonly texts: readonly string[];
  /** One for each time it was said why the answer ended. */
  readonly finishes: readonly string[];
  /** The last one counts. */
  readonly usages: readonly z.output<typeof chatUsage>[];
  /** At which events the stream was said to be over. */
  readonly endsAt: readonly number[];
}

const SAID: Readonly<Record<MockDialect, (events: readonly string[]) => StreamSaid | string>> = {
  chat: chatSaid,
  messages: messagesSaid,
  responses: responsesSaid,
  gemini: geminiSaid,
};
/** How each says that an answer is whole. */
const WHOLE: Readonly<Record<MockDialect, string>> = {
  chat: 'stop',
  messages: 'end_turn',
  responses: 'completed',
  gemini: 'STOP',
};

/** @param events each with its blank line @returns what is wrong with a stream of so many frames; `undefined`: nothing */
export function judgeStream(client: MockDialect, events: readonly string[], frames: number): string | undefined {
  const said = SAID[client](events);
  if (typeof said === 'string') return said;
  const { texts, finishes, usages, endsAt } = said;
  const numbers = texts.map((text) => /^(\d{6}):\d{16}$/.exec(text)?.[1] ?? text);
  const wanted = Array.from({ length: frames }, (_, number) => String(number).padStart(6, '0'));
  if (numbers.join() !== wanted.join()) return `lost frames: ${numbers.length} of ${frames} came: ${numbers.join()}`;
  if (endsAt.length !== 1 || endsAt[0] !== events.length - 1) {
    return `of ${events.length} events, those that end the stream are ${endsAt.join() || 'none'}`;
  }
  const [finish, ...more] = finishes;
  if (finish !== WHOLE[client] || more.length > 0) {
    return `the stream says of its end: ${finishes.join() || 'nothing'}`;
  }
  const usage = usages.at(-1);
  return usage === undefined ? 'the stream has no usage' : differentTokens(usage, STREAM_TOKENS);
}

const chunk = z.object({
  object: z.literal('chat.completion.chunk'),
  choices: z.array(
    z.object({
      index: z.literal(0),
      delta: z.object({ content: z.string().nullish() }),
      finish_reason: z.string().nullable(),
    }),
  ),
  usage: chatUsage.nullish(),
});

function chatSaid(events: readonly string[]): StreamSaid | string {
  const said = {
    texts: [] as string[],
    finishes: [] as string[],
    usages: [] as StreamSaid['usages'][number][],
    endsAt: [] as number[],
  };
  for (const [at, event] of events.entries()) {
    const data = event.replace(/^data: /, '').trimEnd();
    if (data === '[DONE]') {
      said.endsAt.push(at);
      continue;
    }
    const read = chunk.safeParse(jsonOf(data));
    if (!read.success) return `an event is no chunk: ${reasonOf(read.error)}: ${event.slice(0, 300)}`;
    const { choices, usage } = read.data;
    if (usage !== undefined && usage !== null) said.usages.push(usage);
    for (const { delta, finish_reason } of choices) {
      if (typeof delta.content === 'string' && delta.content !== '') said.texts.push(delta.content);
      if (finish_reason !== null) said.finishes.push(finish_reason);
    }
  }
  return said;
}

const started = z.object({ message: z.object({ id: z.string().startsWith('msg_'), usage: z.looseObject({}) }) });
const blockDelta = z.object({
  index: z.literal(0),
  delta: z.object({ type: z.literal('text_delta'), text: z.string() }),
});
const ended = z.object({ delta: z.object({ stop_reason: z.string() }), usage: z.looseObject({}) });

/** Its events come in an order: a start, one block of text, the end of both. */
const MESSAGES_ORDER =
  /^message_start,content_block_start(,content_block_delta)*,content_block_stop,message_delta,message_stop$/;

function messagesSaid(events: readonly string[]): StreamSaid | string {
  const types = events.map((event) => /^event: (\w+)\ndata: \{"type":"(\w+)"/.exec(event) ?? [event.slice(0, 300)]);
  const misnamed = types.find(([, name, type]) => name === undefined || name !== type);
  if (misnamed !== undefined) return `an event is not named as its data is: ${misnamed[0]}`;
  // A sign of life may stand anywhere.
  const order = types
    .map(([, name]) => name)
    .filter((name) => name !== 'ping')
    .join();
  if (!MESSAGES_ORDER.test(order)) return `the events come as ${order.slice(0, 300)}`;
  const data = events
    .filter((event) => !event.startsWith('event: ping\n'))
    .map((event) => jsonOf(event.slice(event.indexOf('data: ') + 6)));
  const deltas = z.array(blockDelta).safeParse(data.slice(2, -3));
  const start = started.safeParse(data[0]);
  const end = ended.safeParse(data.at(-2));
  if (!deltas.success) return `a delta is none of text: ${reasonOf(deltas.error)}`;
  if (!start.success) return `its start is none: ${reasonOf(start.error)}`;
  if (!end.success) return `its end is none: ${reasonOf(end.error)}`;
  const usage = messagesUsage.safeParse({ ...start.data.message.usage, ...end.data.usage });
  return {
    texts: deltas.data.map(({ delta }) => delta.text),
    finishes: [end.data.delta.stop_reason],
    usages: usage.success ? [usage.data] : [],
    endsAt: [events.length - 1],
  };
}

const textDelta = z.object({ output_index: z.literal(0), content_index: z.literal(0), delta: z.string() });
const RESPONSES_ORDER =
  /^created,in_progress,output_item\.added,content_part\.added(,output_text\.delta)*,output_text\.done,content_part\.done,output_item\.done,completed$/;

/** Its events are counted, and the last one says the whole answer once more. */
function responsesSaid(events: readonly string[]): StreamSaid | string {
  const types = events.map(
    (event) => /^event: ([\w.]+)\ndata: \{"type":"([\w.]+)"/.exec(event) ?? [event.slice(0, 300)],
  );
  const misnamed = types.find(([, name, type]) => name === undefined || name !== type);
  if (misnamed !== undefined) return `an event is not named as its data is: ${misnamed[0]}`;
  const order = types.map(([, name]) => name?.replace('response.', '')).join();
  if (!RESPONSES_ORDER.test(order)) return `the events come as ${order.slice(0, 300)}`;
  const data = events.map((event) => jsonOf(event.slice(event.indexOf('data: ') + 6)));
  const counted = z.array(z.object({ sequence_number: count })).safeParse(data);
  if (!counted.success || counted.data.some(({ sequence_number: number }, at) => number !== at)) {
    return 'its events are not counted from 0 on';
  }
  const deltas = z.array(textDelta).safeParse(data.slice(4, -4));
  const end = z.object({ response }).safeParse(data.at(-1));
  if (!deltas.success) return `a delta is none of text: ${reasonOf(deltas.error)}`;
  if (!end.success) return `its end is none: ${reasonOf(end.error)}`;
  const texts = deltas.data.map(({ delta }) => delta);
  const { text, usage } = end.data.response;
  if (text !== texts.join('')) return `its end says another text: ${text.slice(0, 200)}`;
  return { texts, finishes: ['completed'], usages: [usage], endsAt: [events.length - 1] };
}

const piece = z.object({
  candidates: z.tuple([
    z.object({
      content: z.object({ parts: z.array(z.object({ text: z.string() })) }).optional(),
      finishReason: z.string().optional(),
    }),
  ]),
  usageMetadata: z.unknown().optional(),
});

/** Its end is no event of its own: the last piece of the answer says why it is the last. */
function geminiSaid(events: readonly string[]): StreamSaid | string {
  const said = {
    texts: [] as string[],
    finishes: [] as string[],
    usages: [] as StreamSaid['usages'][number][],
    endsAt: [] as number[],
  };
  for (const [at, event] of events.entries()) {
    if (!event.startsWith('data: ') || !event.endsWith('\r\n\r\n'))
      return `an event is no piece: ${event.slice(0, 300)}`;
    const read = piece.safeParse(jsonOf(event.slice(6)));
    if (!read.success) return `an event is no piece: ${reasonOf(read.error)}: ${event.slice(0, 300)}`;
    const { candidates, usageMetadata } = read.data;
    const [{ content, finishReason }] = candidates;
    for (const { text } of content?.parts ?? []) if (text !== '') said.texts.push(text);
    const usage = geminiUsage.safeParse(usageMetadata);
    if (usage.success) said.usages.push(usage.data);
    if (finishReason === undefined) continue;
    said.finishes.push(finishReason);
    said.endsAt.push(at);
  }
  return said;
}

function differentTokens(
  found: typeof ANSWER_TOKENS | { input: number; output: number },
  wanted: { input: number; output: number },
) {
  if (found.input === wanted.input && found.output === wanted.output) return undefined;
  return `the usage is ${found.input} and ${found.output} tokens instead of ${wanted.input} and ${wanted.output}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is nothing that any shape fits, and is told as that.
    return undefined;
  }
}

function reasonOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
}
