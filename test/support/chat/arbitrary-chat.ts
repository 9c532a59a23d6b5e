import fc from 'fast-check';
import type { AnswerChoice, ChatAnswer, TokenLogprob } from '../../../src/protocol/chat/answer.ts';
import type { ChatCall, ChatMessage, ResponseFormat, Tool } from '../../../src/protocol/chat/call.ts';
import type { CacheMarker, Citation, ContentPart, Rest, ToolCallPart } from '../../../src/protocol/chat/content.ts';

/* What Chat Completions can say: each value is one that it has words for, in the order in which it says it. */

const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,12}$/);
const base64 = fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const own = (fields: Readonly<Record<string, unknown>>): Rest => ({ dialect: 'openai-chat', fields });
const more = fc.option(fc.constantFrom(own({ x_custom: [1, { y: null }] }), own({ x_vendor: 'z' })), {
  nil: undefined,
});

/** Without the members that are `undefined`: absent and unknown are the same here. */
function bare<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}

function record<T extends object>(members: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) {
  return fc.record(members).map(bare);
}

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

export type Markers = 'cache_control' | 'prompt_cache_breakpoint';

function marker(form: Markers): fc.Arbitrary<CacheMarker | undefined> {
  const ttls = form === 'cache_control' ? (['5m', '1h'] as const) : (['30m', '12h'] as const);
  return maybe(fc.option(fc.constantFrom(...ttls), { nil: undefined }).map((ttl) => bare({ ttl })));
}

function userPart(form: Markers): fc.Arbitrary<ContentPart> {
  const common = { cache: marker(form), rest: more };
  const url = fc.constantFrom('https://example.com/a.png', 'https://example.com/b?c=d');
  const bytes = (type: string) => record({ kind: fc.constant('bytes'), mediaType: fc.constant(type), base64 });
  const stored = word.map((id) => ({ kind: 'stored', id, dialect: 'openai-chat' }));
  return fc.oneof(
    record({ type: fc.constant('text'), text: said, ...common }),
    record({
      type: fc.constant('image'),
      source: fc.oneof(
        bytes('image/png'),
        url.map((place) => ({ kind: 'url', url: place })),
      ),
      detail: maybe(fc.constantFrom('low', 'high', 'auto')),
      ...common,
    }),
    record({
      type: fc.constant('audio'),
      source: base64.map((data) => ({ kind: 'bytes', mediaType: undefined, base64: data })),
      format: fc.constantFrom('wav', 'mp3'),
      ...common,
    }),
    record({
      type: fc.constant('file'),
      source: fc.oneof(bytes('application/pdf'), stored),
      name: maybe(word),
      ...common,
    }),
    record({ type: fc.constant('video'), source: url.map((place) => ({ kind: 'url', url: place })), ...common }),
  ) as fc.Arbitrary<ContentPart>;
}

const thought = fc.oneof(
  record({
    type: fc.constant('reasoning'),
    text: said,
    signature: maybe(
      fc.oneof(
        said.map((value) => ({ value, dialect: 'anthropic-messages' })),
        said.map((value) => ({ value, dialect: 'openai-chat' })),
      ),
    ),
    id: maybe(word),
  }),
  record({ type: fc.constant('reasoning'), text: said, summary: fc.constant(true) }),
  record({
    type: fc.constant('reasoning'),
    encrypted: said.map((value) => ({ value, dialect: 'openai-chat' })),
    rest: fc.constant(own({ format: 'openai-responses-v1' })),
  }),
  said.map((value) => ({ type: 'redacted-reasoning', data: { value, dialect: 'anthropic-messages' } })),
) as fc.Arbitrary<ContentPart>;

const toolCall = fc.oneof(
  record({
    type: fc.constant('tool-call'),
    kind: fc.constant('function'),
    id: word,
    name: word,
    arguments: fc.constantFrom('{}', '{"a":1}', '{"city":"Zürich","n":[1,2]}', 'not json'),
  }),
  record({ type: fc.constant('tool-call'), kind: fc.constant('custom'), id: word, name: word, arguments: said }),
) as fc.Arbitrary<ToolCallPart>;

const distinctCalls = fc.uniqueArray(toolCall, { maxLength: 3, selector: ({ id }) => id });

/** As answers have them: Gemini signs its calls. */
const signedCalls = fc
  .tuple(distinctCalls, fc.option(said))
  .map(([calls, value]) =>
    calls.map((call, at) => (at > 0 || value === null ? call : { ...call, signature: { value, dialect: 'gemini' } })),
  );

function turns(form: Markers): fc.Arbitrary<ChatMessage[]> {
  const plain = record({
    role: fc.constantFrom('system', 'developer', 'user'),
    parts: fc.array(userPart(form), { maxLength: 3 }),
    name: maybe(word),
    rest: more,
  });
  const text = record({ type: fc.constant('text'), text: said, cache: marker(form) });
  const assistant = fc
    .tuple(
      fc.array(thought, { maxLength: 2 }),
      fc.array(text, { maxLength: 2 }),
      fc.array(record({ type: fc.constant('refusal'), text: said }), { maxLength: 1 }),
      distinctCalls,
    )
    .chain(([thoughts, texts, refusals, calls]) =>
      fc
        .tuple(...calls.map(({ id }) => fc.array(text, { maxLength: 2 }).map((parts) => result(id, parts))))
        .map((results) => [
          { role: 'assistant', parts: [...thoughts, ...texts, ...refusals, ...calls] },
          ...(results.length === 0 ? [] : [{ role: 'user', parts: results }]),
        ]),
    );
  return fc
    .array(
      fc.oneof(
        plain.map((message) => [message]),
        assistant,
      ),
      { maxLength: 4 },
    )
    .map((groups) => groups.flat()) as fc.Arbitrary<ChatMessage[]>;
}

function result(callId: string, parts: readonly unknown[]) {
  return { type: 'tool-result', callId, parts };
}

function tools(form: Markers): fc.Arbitrary<Tool[]> {
  const cache = form === 'cache_control' ? marker(form) : fc.constant(undefined);
  const schema = fc.constantFrom(
    { type: 'object', properties: {} },
    { type: 'object', properties: { a: { type: 'string' } } },
  );
  return fc.uniqueArray(
    fc.oneof(
      record({
        type: fc.constant('function'),
        name: word,
        description: maybe(said),
        parameters: maybe(schema),
        strict: maybe(fc.boolean()),
        cache,
        rest: more,
      }),
      record({
        type: fc.constant('custom'),
        name: word,
        description: maybe(said),
        format: maybe(fc.constant({ type: 'text' })),
        cache,
      }),
    ) as fc.Arbitrary<Tool & { readonly name: string }>,
    { maxLength: 3, selector: ({ name }) => name },
  );
}

const format: fc.Arbitrary<ResponseFormat> = fc.oneof(
  fc.constantFrom<ResponseFormat>({ type: 'text' }, { type: 'json' }),
  record({
    type: fc.constant('json-schema'),
    name: word,
    description: maybe(said),
    schema: fc.constant({ type: 'object' }),
    strict: maybe(fc.boolean()),
  }) as fc.Arbitrary<ResponseFormat>,
);

const cents = (min: number, max: number) => fc.integer({ min, max }).map((value) => value / 100);

const sampling = record({
  temperature: maybe(cents(1, 200)),
  topP: maybe(cents(1, 100)),
  frequencyPenalty: maybe(cents(1, 200)),
  presencePenalty: maybe(cents(-200, -1)),
  seed: maybe(fc.nat()),
  logitBias: maybe(fc.constant({ '50256': -100 })),
  logprobs: maybe(fc.integer({ min: 0, max: 20 })),
  stop: maybe(fc.array(said, { minLength: 1, maxLength: 4 })),
  choices: maybe(fc.integer({ min: 1, max: 4 })),
});

const wish = fc.oneof(
  fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max').map((effort) => ({ effort })),
  fc.nat().map((budgetTokens) => ({ budgetTokens })),
  fc.constantFrom({ mode: 'enabled' }, { mode: 'disabled' }, { mode: 'enabled', show: 'none' }),
);

/** Calls for a target that takes thoughts as `reasoning_details` and markers of the cache in one form. */
export function arbitraryCall(form: Markers, model: string): fc.Arbitrary<ChatCall> {
  return fc
    .tuple(
      tools(form),
      record({
        model: fc.constant(model),
        stream: fc.boolean(),
        messages: turns(form),
        sampling,
        responseFormat: maybe(format),
        outputTokensMax: maybe(fc.integer({ min: 1, max: 100_000 })),
        reasoning: maybe(wish),
        verbosity: maybe(fc.constantFrom('low', 'medium', 'high')),
        cache: form === 'cache_control' ? marker(form) : fc.constant(undefined),
        cacheKey: maybe(word),
        serviceTier: maybe(fc.constantFrom('auto', 'flex')),
        metadata: maybe(fc.constant({ job: '7' })),
        endUser: maybe(word),
        safetyIdentifier: maybe(word),
        outputs: maybe(fc.constantFrom(['text'], ['text', 'audio'])),
        voice: maybe(fc.constant({ format: 'wav', voice: 'alloy' })),
        prediction: maybe(said.map((text) => [{ type: 'text', text }])),
        conversation: maybe(fc.boolean().map((store) => ({ store }))),
        rest: more,
      }),
      fc.boolean(),
      fc.nat(),
    )
    .map(([given, call, parallel, choice]) => {
      if (given.length === 0) return call;
      const names = given.flatMap((tool) => (tool.type === 'hosted' ? [] : [tool.name]));
      const [name = ''] = names;
      const choices = [
        undefined,
        { type: 'auto' },
        { type: 'none' },
        { type: 'required' },
        { type: 'tool', name },
        { type: 'allowed', names, required: parallel },
      ];
      const toolChoice = choices[choice % choices.length];
      const parallelToolCalls = choice % 3 === 0 ? undefined : parallel;
      return { ...call, tools: given, ...bare({ toolChoice, parallelToolCalls }) };
    }) as fc.Arbitrary<ChatCall>;
}

const citation: fc.Arbitrary<Citation> = fc.tuple(word, fc.nat(9), fc.nat(9)).map(([title, start, length]) => {
  const url = `https://example.com/${title}`;
  const cited = { start_index: start, end_index: start + length, url, title };
  return {
    kind: 'web',
    url,
    title,
    textStart: start,
    textEnd: start + length,
    source: own({ type: 'url_citation', url_citation: cited }),
  };
});

const token = record({
  token: said,
  logprob: cents(-900, -1),
  bytes: fc.constantFrom(null, [72, 105]),
});
const logprob = fc
  .tuple(token, fc.array(token, { maxLength: 2 }))
  .map(([chosen, top]) => ({ ...chosen, top })) as fc.Arbitrary<TokenLogprob>;

const answerParts = fc
  .tuple(
    fc.array(thought, { maxLength: 2 }),
    fc.array(
      fc
        .tuple(said, fc.array(citation, { maxLength: 2 }))
        .map(([text, citations]) =>
          citations.length === 0 ? { type: 'text', text } : { type: 'text', text, citations },
        ),
      { maxLength: 1 },
    ),
    fc.array(record({ type: fc.constant('refusal'), text: said }), { maxLength: 1 }),
    fc.array(
      base64.map((data) => ({ type: 'image', source: { kind: 'bytes', mediaType: 'image/png', base64: data } })),
      {
        maxLength: 1,
      },
    ),
    signedCalls,
  )
  .map((groups) => groups.flat()) as fc.Arbitrary<ContentPart[]>;

const choice = fc
  .tuple(
    answerParts,
    fc.constantFrom('stop', 'length', 'content_filter'),
    maybe(fc.array(logprob, { minLength: 1, maxLength: 2 })),
  )
  .map(([parts, ended, logprobs]): Omit<AnswerChoice, 'index'> => {
    const calls = parts.some(({ type }) => type === 'tool-call');
    const refused = parts.some(({ type }) => type === 'refusal');
    const reasons = { length: 'length', content_filter: 'content-filter', stop: refused ? 'refusal' : 'stop' } as const;
    const said = calls && ended === 'stop' ? 'tool_calls' : ended;
    const reason = said === 'tool_calls' ? 'tool-calls' : reasons[said];
    return { parts, finish: { reason, said }, ...(logprobs === undefined ? {} : { logprobs }) };
  });

/** Answers as this dialect can tell them, of a model, under an id. */
export function arbitraryAnswer(id: string, model: string): fc.Arbitrary<ChatAnswer> {
  return record({
    id: fc.constant(id),
    model: fc.constant(model),
    createdAt: fc.integer({ min: 1, max: 2_000_000_000 }),
    choices: fc
      .array(choice, { minLength: 1, maxLength: 3 })
      .map((choices) => choices.map((each, index) => ({ index, ...each }))),
    usage: maybe(
      record({
        inputTokens: fc.nat(9_999),
        cachedInputTokens: maybe(fc.nat(99)),
        cacheWriteTokens: maybe(fc.integer({ min: 1, max: 99 })),
        outputTokens: fc.nat(9_999),
        reasoningTokens: maybe(fc.nat(99)),
        inputAudioTokens: maybe(fc.integer({ min: 1, max: 99 })),
      }),
    ),
    serviceTier: maybe(fc.constant('default')),
  }) as fc.Arbitrary<ChatAnswer>;
}
