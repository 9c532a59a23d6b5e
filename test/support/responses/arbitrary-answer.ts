import fc from 'fast-check';
import type { ChatAnswer, FinishReason, StreamEvent, TokenLogprob } from '../../../src/protocol/chat/answer.ts';
import type { Citation, ContentPart, Signature } from '../../../src/protocol/chat/content.ts';
import type { Dialect } from '../../../src/protocol/operation.ts';

/* Answers as providers of other dialects give them, told whole or in a stream whose parts may overlap. */

const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
const json = fc.dictionary(word, fc.oneof(fc.string(), fc.integer()), { maxKeys: 3 });
const dialect = fc.constantFrom<Dialect>('anthropic-messages', 'openai-chat', 'gemini');
const signature: fc.Arbitrary<Signature> = fc.record({ value: said, dialect });

const beside = {
  id: word,
  summary: fc.boolean(),
  rest: fc.record({ dialect: fc.constant('openai-chat' as const), fields: json }),
};

/** Its rest is of the dialect that sealed it, as a provider's reader tells it. */
function oneMaker(thought: Extract<ContentPart, { type: 'reasoning' }>): ContentPart {
  const maker = (thought.signature ?? thought.encrypted)?.dialect;
  const { rest } = thought;
  return maker === undefined || rest === undefined ? thought : { ...thought, rest: { ...rest, dialect: maker } };
}

export const foreignThought: fc.Arbitrary<ContentPart> = fc
  .oneof(
    fc.record(
      { type: fc.constant('reasoning' as const), text: said, signature, ...beside },
      { requiredKeys: ['type', 'text'] },
    ),
    fc.record(
      { type: fc.constant('reasoning' as const), text: said, encrypted: signature, ...beside },
      { requiredKeys: ['type', 'encrypted'] },
    ),
  )
  .map(oneMaker);

export const sealedThought: fc.Arbitrary<ContentPart> = fc.record({
  type: fc.constant('redacted-reasoning' as const),
  data: signature,
});

export const toolCall: fc.Arbitrary<Extract<ContentPart, { type: 'tool-call' }>> = fc.record(
  {
    type: fc.constant('tool-call' as const),
    kind: fc.constantFrom('function' as const, 'custom' as const),
    id: fc.uuid().map((id) => `call_${id}`),
    name: word,
    arguments: fc.oneof(
      json.map((value) => JSON.stringify(value)),
      fc.constant(''),
    ),
    signature,
  },
  { requiredKeys: ['type', 'kind', 'id', 'name', 'arguments'] },
);

const citation: fc.Arbitrary<Citation> = fc.oneof(
  fc.webUrl().map((url) => ({
    kind: 'web' as const,
    url,
    title: 'A page',
    source: { dialect: 'anthropic-messages' as const, fields: { type: 'web_search_result_location', url } },
  })),
  fc.constant({ kind: 'pages' as const, source: { dialect: 'anthropic-messages' as const, fields: {} } }),
);

const text: fc.Arbitrary<ContentPart> = fc.record(
  {
    type: fc.constant('text' as const),
    text: fc.oneof(said, fc.constant('')),
    citations: fc.array(citation, { maxLength: 2 }),
  },
  { requiredKeys: ['type', 'text'] },
);

const search: fc.Arbitrary<ContentPart> = word.map((query) => ({
  type: 'hosted-call',
  tool: 'web-search',
  id: 'srvtoolu_1',
  name: 'web_search',
  arguments: JSON.stringify({ query }),
  source: { dialect: 'anthropic-messages', fields: { type: 'server_tool_use' } },
}));

/** What clients of the dialect are not told of. */
const unsaid: fc.Arbitrary<ContentPart> = fc.constantFrom<ContentPart>(
  {
    type: 'hosted-result',
    tool: 'web-search',
    callId: 'srvtoolu_1',
    source: { dialect: 'anthropic-messages', fields: { type: 'web_search_tool_result' } },
  },
  { type: 'other', name: 'zz', source: { dialect: 'gemini', fields: { type: 'zz', id: 'x' } } },
);

const image: fc.Arbitrary<ContentPart> = fc.base64String({ minLength: 4, maxLength: 8 }).map((base64) => ({
  type: 'image',
  source: { kind: 'bytes', mediaType: 'image/png', base64 },
}));

const refusal: fc.Arbitrary<ContentPart> = fc.record({ type: fc.constant('refusal' as const), text: said });

/** Parts as providers of any other dialect answer with; the ids of calls differ. */
export const foreignParts: fc.Arbitrary<ContentPart[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: text },
    { weight: 3, arbitrary: toolCall },
    { weight: 2, arbitrary: foreignThought },
    sealedThought,
    refusal,
    search,
    unsaid,
    image,
  ),
  { maxLength: 6 },
);

const token: fc.Arbitrary<TokenLogprob> = fc.record({
  token: said,
  logprob: fc.integer({ min: -900, max: -1 }),
  bytes: fc.constantFrom([72, 105], [72]),
  top: fc.constant([]),
});

export const foreignAnswer: fc.Arbitrary<ChatAnswer> = fc
  .record(
    {
      parts: foreignParts,
      reason: fc.constantFrom<FinishReason>('stop', 'length', 'tool-calls', 'content-filter', 'stop-sequence', 'other'),
      tokens: fc.array(token, { minLength: 1, maxLength: 2 }),
      usage: fc.record(
        {
          inputTokens: fc.nat(9_999),
          cachedInputTokens: fc.nat(50),
          outputTokens: fc.nat(9_999),
          reasoningTokens: fc.nat(99),
        },
        { requiredKeys: ['inputTokens', 'outputTokens'] },
      ),
    },
    { requiredKeys: ['parts', 'reason', 'usage'] },
  )
  .map(({ parts, reason, tokens, usage }) => ({
    id: 'chatcmpl-1',
    model: 'gpt',
    createdAt: 1_700_000_000,
    choices: [
      {
        index: 0,
        parts,
        finish: { reason },
        // In a stream they come with their text: of one that something follows, it would be too late.
        ...(tokens === undefined || parts.at(-1)?.type !== 'text' ? {} : { logprobs: tokens }),
      },
    ],
    usage,
  }));

/** The events of an answer's parts; the calls of tools that follow each other overlap. */
export function overlappingEvents(answer: ChatAnswer, pieceChars: number): StreamEvent[] {
  const { id, model, createdAt, usage } = answer;
  const [choice] = answer.choices;
  const events: StreamEvent[] = [
    { type: 'answer-start', ...(id && { id }), ...(model && { model }), ...(createdAt && { createdAt }) },
  ];
  let open: { part: number; rest: string }[] = [];
  const at = (part: number) => ({ choice: 0, part });
  const closeAll = () => {
    while (open.some(({ rest }) => rest !== '')) {
      for (const one of open) {
        if (one.rest !== '')
          events.push({ type: 'arguments-delta', ...at(one.part), text: one.rest.slice(0, pieceChars) });
        one.rest = one.rest.slice(pieceChars);
      }
    }
    for (const { part } of open) events.push({ type: 'part-end', ...at(part) });
    open = [];
  };
  for (const [part, content] of (choice?.parts ?? []).entries()) {
    if (content.type === 'tool-call') {
      const { kind, id: callId, name, signature: signed } = content;
      events.push({ type: 'tool-call-start', ...at(part), kind, id: callId, name });
      if (signed !== undefined) events.push({ type: 'signature-add', ...at(part), signature: signed });
      open.push({ part, rest: content.arguments });
    } else {
      closeAll();
      events.push(...partStream(content, part, pieceChars));
    }
  }
  closeAll();
  if (choice?.logprobs !== undefined) {
    events.push({ type: 'logprobs-add', choice: 0, of: 'text', logprobs: choice.logprobs });
  }
  if (usage !== undefined) events.push({ type: 'usage-update', usage });
  if (choice !== undefined) events.push({ type: 'choice-finish', choice: 0, finish: choice.finish });
  return [...events, { type: 'answer-end' }];
}

function partStream(content: ContentPart, part: number, chars: number): StreamEvent[] {
  const place = { choice: 0, part };
  const end: StreamEvent = { type: 'part-end', ...place };
  if (content.type === 'text') {
    return [
      { type: 'text-start', ...place },
      ...cut(content.text, chars).map((piece): StreamEvent => ({ type: 'text-delta', ...place, text: piece })),
      ...(content.citations ?? []).map((citation): StreamEvent => ({ type: 'citation-add', ...place, citation })),
      end,
    ];
  }
  if (content.type !== 'reasoning') return [{ type: 'part-add', ...place, content }];
  const { text: thought = '', id, summary, rest, signature: signed, encrypted } = content;
  return [
    {
      type: 'reasoning-start',
      ...place,
      ...(id === undefined ? {} : { id }),
      ...(summary === undefined ? {} : { summary }),
      ...(rest === undefined ? {} : { rest }),
    },
    ...cut(thought, chars).map((piece): StreamEvent => ({ type: 'reasoning-delta', ...place, text: piece })),
    ...(signed === undefined ? [] : [{ type: 'signature-add', ...place, signature: signed } satisfies StreamEvent]),
    ...(encrypted === undefined
      ? []
      : [{ type: 'signature-add', ...place, signature: encrypted, encrypted: true } satisfies StreamEvent]),
    end,
  ];
}

function cut(text: string, chars: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += chars) pieces.push(text.slice(at, at + chars));
  return pieces;
}
