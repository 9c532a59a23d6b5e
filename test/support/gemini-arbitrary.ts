import fc from 'fast-check';

/** A JSON object of the wire. */
export type Wire = Record<string, unknown>;

/*
 * Requests and answers of Gemini as its own API takes and gives them, those
 * with members that no version of it has yet included. What may be said in
 * several ways is said as this gateway says it: by names in camel case, the
 * results of one turn's calls in the order of the calls.
 */

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((tail) => `x${tail}`);
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
const key = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const plain = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const opaque = fc.dictionary(key, fc.oneof(plain, fc.array(plain, { maxLength: 3 }), fc.dictionary(key, plain)), {
  maxKeys: 3,
});
const signature = fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const base64 = signature;

function some(required: Record<string, fc.Arbitrary<unknown>>, optional: Record<string, fc.Arbitrary<unknown>> = {}) {
  return fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) }) as fc.Arbitrary<Wire>;
}

/** A member that is not known, on whatever it is put. */
const future = { zzFuture: opaque };

const saidText = some({ text });
const image = some({
  inlineData: some({ mimeType: fc.constantFrom('image/png', 'image/webp'), data: base64 }, future),
});
const stored = some({
  fileData: some({ fileUri: text.map((path) => `gs://${path}`) }, { mimeType: fc.constant('application/pdf') }),
});
const userPart = fc.oneof(saidText, image, stored);

const thought = some({ text, thought: fc.constant(true) }, { thoughtSignature: signature });
const signedText = some({ text }, { thoughtSignature: signature });
const code = some({ executableCode: some({ language: fc.constant('PYTHON'), code: text }) });
const ran = some({ codeExecutionResult: some({ outcome: fc.constant('OUTCOME_OK') }, { output: text }) });

interface Called {
  readonly id: string;
  readonly name: string;
  readonly args: Wire;
  readonly thoughtSignature: string | undefined;
  readonly response: Wire;
}

const response = fc.oneof(
  text.map((output) => ({ output })),
  text.map((error) => ({ error })),
  opaque.map((more) => ({ result: 1, ...more })),
);
const called: fc.Arbitrary<Called> = fc.record({
  id: fc.uuid().map((id) => id.slice(0, 8)),
  name,
  args: opaque,
  thoughtSignature: fc.option(signature, { nil: undefined }),
  response,
});

/** What the model says, and what the client answers where it calls functions. */
const turn = fc
  .record({
    asked: fc.array(userPart, { minLength: 1, maxLength: 3 }),
    thoughts: fc.array(thought, { maxLength: 1 }),
    texts: fc.array(signedText, { maxLength: 1 }),
    ran: fc.array(fc.tuple(code, ran), { maxLength: 1 }),
    calls: fc.uniqueArray(called, { maxLength: 3, selector: ({ id }) => id }),
    named: fc.boolean(),
  })
  .map(({ asked, thoughts, texts, ran: runs, calls, named }): Wire[] => {
    const said = [...thoughts, ...runs.flat(), ...texts, ...calls.map((call) => callPart(call, named))];
    const answered = calls.map(({ id, name: of, response: reply }) => ({
      functionResponse: { ...(named ? { id } : {}), name: of, response: reply },
    }));
    return [
      { role: 'user', parts: asked },
      { role: 'model', parts: said.length === 0 ? [{ text: 'x' }] : said },
      ...(answered.length === 0
        ? []
        : [
            { role: 'user', parts: answered },
            { role: 'model', parts: [{ text: 'so' }] },
          ]),
    ];
  });

function callPart({ id, name: of, args, thoughtSignature }: Called, named: boolean): Wire {
  const functionCall = { ...(named ? { id } : {}), name: of, args };
  return thoughtSignature === undefined ? { functionCall } : { functionCall, thoughtSignature };
}

const contents = fc
  .tuple(fc.array(turn, { maxLength: 2 }), fc.array(userPart, { minLength: 1, maxLength: 2 }))
  .map(([turns, last]) => [...turns.flat(), { role: 'user', parts: last }]);

const schema = fc.constantFrom<Wire>(
  { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
  { type: 'object', properties: {}, additionalProperties: false },
);
const declaration = some(
  { name },
  { description: text, parametersJsonSchema: schema, behavior: fc.constant('BLOCKING') },
);
const functions = some({ functionDeclarations: fc.array(declaration, { minLength: 1, maxLength: 3 }) });
const hosted = fc.constantFrom<Wire>(
  { googleSearch: {} },
  { codeExecution: {} },
  { urlContext: {} },
  { googleMaps: { a: 1 } },
);
const calling = fc.constantFrom<Wire>(
  { mode: 'AUTO' },
  { mode: 'NONE' },
  { mode: 'ANY' },
  { mode: 'ANY', allowedFunctionNames: ['f'] },
  { mode: 'ANY', allowedFunctionNames: ['f', 'g'] },
);

const half = fc.integer({ min: 0, max: 4 }).map((n) => n / 4);
const thinking = fc.oneof(
  some({}, { includeThoughts: fc.constant(true), thinkingBudget: fc.constantFrom(-1, 0, 1, 512) }),
  some({ thinkingLevel: fc.constantFrom('MINIMAL', 'LOW', 'MEDIUM', 'HIGH') }, { includeThoughts: fc.constant(true) }),
);
const settings = {
  temperature: half,
  topP: half,
  topK: fc.nat({ max: 64 }),
  candidateCount: fc.integer({ min: 1, max: 4 }),
  maxOutputTokens: fc.nat({ max: 65_536 }),
  stopSequences: fc.array(text, { minLength: 1, maxLength: 5 }),
  seed: fc.integer({ min: -2_147_483_647 }),
  presencePenalty: half,
  frequencyPenalty: half,
  thinkingConfig: thinking,
  responseModalities: fc.constantFrom(['TEXT'], ['TEXT', 'IMAGE'], ['AUDIO']),
  speechConfig: fc.constant({ voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } }),
  mediaResolution: fc.constant('MEDIA_RESOLUTION_LOW'),
  ...future,
};
const format = fc.constantFrom<Wire>(
  { responseMimeType: 'application/json' },
  { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
  { responseMimeType: 'text/plain' },
  { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a'] } },
);
const logprobs = fc.constantFrom<Wire>({ responseLogprobs: true }, { responseLogprobs: true, logprobs: 3 });

/** The body of `:generateContent`. */
export const geminiRequest: fc.Arbitrary<Wire> = fc
  .record({
    base: some(
      { contents },
      { safetySettings: fc.array(some({ category: name, threshold: name }), { minLength: 1 }), ...future },
    ),
    system: fc.option(fc.array(saidText, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    tools: fc.option(fc.tuple(functions, fc.array(hosted, { maxLength: 2 }), fc.option(calling)), { nil: undefined }),
    config: fc.tuple(some({}, settings), fc.option(format), fc.option(logprobs)),
  })
  .map(({ base, system, tools, config: [set, form, likely] }) => {
    // With functions, not every model keeps to a form.
    const config = { ...set, ...(tools === undefined ? form : {}), ...likely };
    const [declared, others = [], mode] = tools ?? [];
    return {
      ...base,
      ...(system === undefined ? {} : { systemInstruction: { parts: system } }),
      ...(declared === undefined ? {} : { tools: [declared, ...others] }),
      ...(mode === undefined || mode === null ? {} : { toolConfig: { functionCallingConfig: mode } }),
      ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
    };
  });

const usage = some(
  { promptTokenCount: fc.nat({ max: 9_999 }) },
  { candidatesTokenCount: fc.nat({ max: 999 }), thoughtsTokenCount: fc.nat({ max: 999 }), zzFutureCount: fc.nat() },
);

const answerParts = fc
  .record({
    thoughts: fc.array(thought, { maxLength: 1 }),
    ran: fc.array(fc.tuple(code, ran), { maxLength: 1 }),
    texts: fc.array(signedText, { maxLength: 1 }),
    pictures: fc.array(image, { maxLength: 1 }),
    calls: fc.uniqueArray(called, { maxLength: 3, selector: ({ id }) => id }),
    named: fc.boolean(),
  })
  .map(({ thoughts, ran: runs, texts, pictures, calls, named }) => [
    ...thoughts,
    ...runs.flat(),
    ...texts,
    ...pictures,
    ...calls.map((call) => callPart(call, named)),
  ]);

const candidate = fc
  .record({
    parts: answerParts,
    finishReason: fc.constantFrom('STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'LANGUAGE', 'OTHER'),
    more: some(
      {},
      {
        safetyRatings: fc.constant([{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'LOW' }]),
        avgLogprobs: fc.constant(-0.5),
        logprobsResult: fc.constant({
          chosenCandidates: [{ token: 'a', logProbability: -1 }],
          topCandidates: [{ candidates: [{ token: 'b', logProbability: -2 }] }],
        }),
        groundingMetadata: fc.constant({
          webSearchQueries: ['q'],
          groundingChunks: [{ web: { uri: 'https://x', title: 't' } }],
        }),
        ...future,
      },
    ),
  })
  .map(({ parts, finishReason, more }): Wire => ({ content: { parts, role: 'model' }, finishReason, ...more }));

/** A whole `GenerateContentResponse`. */
export const geminiAnswer: fc.Arbitrary<Wire> = fc
  .record({
    candidates: fc.array(candidate, { minLength: 1, maxLength: 2 }),
    more: some({ modelVersion: name, responseId: fc.constant('r1') }, { usageMetadata: usage, ...future }),
  })
  .map(({ candidates, more }) => ({ candidates: candidates.map((each, index) => ({ ...each, index })), ...more }));

/** A whole answer as Google streams it: its texts in pieces, signatures of texts on an empty one, the reason and the counts last. */
export function geminiStreamOf(answer: Wire, pieceChars: number): Buffer {
  const { candidates, usageMetadata, ...head } = answer;
  const events: Wire[] = [];
  for (const { content, index, finishReason, ...more } of candidates as Wire[]) {
    const pieces = ((content as Wire)['parts'] as Wire[]).flatMap((part) => piecesOf(part, pieceChars));
    for (const piece of pieces)
      events.push({ candidates: [{ content: { parts: [piece], role: 'model' }, index }], ...head });
    const end = { content: { parts: [{ text: '' }], role: 'model' }, finishReason, index, ...more };
    events.push({ candidates: [end], ...(usageMetadata === undefined ? {} : { usageMetadata }), ...head });
  }
  return Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join(''));
}

function piecesOf(part: Wire, chars: number): Wire[] {
  const { text: said, thoughtSignature, ...more } = part;
  if (typeof said !== 'string') return [part];
  const pieces: Wire[] = [];
  for (let at = 0; at < said.length; at += chars) pieces.push({ text: said.slice(at, at + chars), ...more });
  return thoughtSignature === undefined ? pieces : [...pieces, { text: '', ...more, thoughtSignature }];
}
