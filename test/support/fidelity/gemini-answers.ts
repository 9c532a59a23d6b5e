/** What a page rests on, with its text. */
const grounding = {
  webSearchQueries: ['mark-query'],
  searchEntryPoint: { renderedContent: 'mark-entry' },
  groundingChunks: [
    { web: { uri: 'https://mark-url.example', title: 'mark-title', domain: 'mark-domain' } },
    {
      retrievedContext: {
        uri: 'https://mark-context.example',
        title: 'mark-context',
        text: 'mark-passage',
        documentName: 'mark-document',
      },
    },
  ],
  groundingSupports: [
    { segment: { startIndex: 0, endIndex: 9 }, groundingChunkIndices: [0], confidenceScores: [0.5] },
    { segment: { startIndex: 0, endIndex: 4, text: 'mark' }, groundingChunkIndices: [1] },
  ],
};

const usage = {
  promptTokenCount: 3_001,
  cachedContentTokenCount: 2_003,
  candidatesTokenCount: 311,
  thoughtsTokenCount: 57,
  totalTokenCount: 3_369,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 3_001 }],
  trafficType: 'mark-traffic',
};

/** What each event of a stream says of the answer. */
export const geminiHead = {
  responseId: 'mark-id',
  modelVersion: 'mark-model',
  createTime: '2026-11-22T01:02:03.000Z',
};

/** Parts of an answer of which each value stands nowhere else. */
export const geminiParts = [
  { text: 'mark-thought', thought: true, thoughtSignature: 'bWFyay1zaWduYXR1cmU=' },
  { text: 'mark-text' },
  { executableCode: { language: 'PYTHON', code: 'mark-code' } },
  { codeExecutionResult: { outcome: 'OUTCOME_OK', output: 'mark-output' } },
  {
    functionCall: { id: 'call_mark-call', name: 'mark-tool', args: { a: 'mark-argument' } },
    thoughtSignature: 'bWFyay1jYWxsLXNpZ25hdHVyZQ==',
  },
] as const;

/** What is said with the end of a candidate. */
export const geminiEnd = {
  finishReason: 'STOP',
  finishMessage: 'mark-finish',
  index: 0,
  groundingMetadata: grounding,
  citationMetadata: {
    citations: [{ uri: 'https://mark-recited.example', title: 'mark-recited', license: 'mark-mit' }],
  },
  safetyRatings: [{ category: 'mark-category', probability: 'mark-low' }],
  urlContextMetadata: { urlMetadata: [{ retrievedUrl: 'https://mark-fetched.example' }] },
};

export const geminiUsage = usage;

/** An answer of Gemini in which each value that a client would miss stands nowhere else. */
export const geminiAnswer = {
  candidates: [
    {
      content: { role: 'model', parts: geminiParts },
      ...geminiEnd,
      avgLogprobs: -0.5,
      logprobsResult: {
        chosenCandidates: [{ token: 'mark-token', logProbability: -0.1 }],
        topCandidates: [{ candidates: [{ token: 'mark-other', logProbability: -2 }] }],
      },
    },
  ],
  usageMetadata: usage,
  ...geminiHead,
};
