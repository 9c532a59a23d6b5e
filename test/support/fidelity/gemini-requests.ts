const bytes = (name: string) => Buffer.from(`mark-${name}`).toString('base64');

/** A part in the result of a function, or in a content. */
function pictures(where: string): object[] {
  return [
    { inlineData: { mimeType: 'image/png', data: bytes(`${where}-image`) } },
    { inlineData: { mimeType: 'application/pdf', data: bytes(`${where}-pdf`) } },
    { fileData: { mimeType: 'image/png', fileUri: `https://mark-${where}.example/a.png` } },
  ];
}

const functions = [
  {
    name: 'mark-weather',
    description: 'mark-tool',
    parameters: { type: 'OBJECT', title: 'mark-arguments', properties: { city: { type: 'STRING' } } },
  },
  { name: 'mark-time', parametersJsonSchema: { type: 'object', title: 'mark-schema-two' } },
];

/** The same for Gemini requests, by their names in camel case: as such the lane gets them. */
export const geminiRequests: readonly Readonly<Record<string, unknown>>[] = [
  {
    model: 'models/asked',
    systemInstruction: {
      role: 'user',
      parts: [{ text: 'mark-system' }, { text: 'mark-system-two', partMetadata: {} }],
    },
    contents: [
      { role: 'user', parts: [{ text: 'mark-user' }, ...pictures('user')] },
      {
        role: 'model',
        parts: [
          { text: 'mark-thought', thought: true },
          { text: 'mark-said', thoughtSignature: 'c2ln' },
          { functionCall: { id: 'call_mark-one', name: 'mark-weather', args: { city: 'mark-city' } } },
          { functionCall: { name: 'mark-time', args: { zone: 'mark-zone' } }, thoughtSignature: 'c2lnbmVk' },
        ],
      },
      {
        role: 'user',
        parts: [
          {
            functionResponse: {
              id: 'call_mark-one',
              name: 'mark-weather',
              response: { output: 'mark-result' },
              parts: pictures('result'),
            },
          },
          { functionResponse: { name: 'mark-time', response: { hour: 'mark-hour' } } },
        ],
      },
      { role: 'model', parts: [{ text: 'mark-answer', partMetadata: { of: 'the client' } }] },
      { parts: [{ text: 'mark-again' }] },
    ],
    tools: [{ functionDeclarations: functions }, { googleSearch: { excludeDomains: ['mark-blocked.example'] } }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['mark-weather'] } },
    labels: { team: 'mark-label' },
    serviceTier: 'priority',
    safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }],
    generationConfig: {
      temperature: 0.437,
      topP: 0.963,
      topK: 41,
      candidateCount: 3,
      maxOutputTokens: 7_001,
      stopSequences: ['mark-stop'],
      seed: 977,
      presencePenalty: 0.213,
      frequencyPenalty: 0.317,
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', title: 'mark-schema' },
      responseLogprobs: true,
      logprobs: 7,
      responseModalities: ['TEXT'],
    },
  },
  {
    contents: [{ role: 'user', parts: [{ text: 'mark-user' }, { thoughtSignature: 'c2ln', text: '' }] }],
    tools: [{ googleSearchRetrieval: {} }, { codeExecution: {} }],
    generationConfig: {
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object', title: 'mark-json-schema' },
      thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' },
    },
  },
  {
    systemInstruction: { parts: [{ text: 'mark-system' }] },
    contents: [
      { role: 'user', parts: [{ text: 'mark-user' }] },
      { role: 'model', parts: [{ text: 'mark-first ' }] },
      { role: 'model', parts: [{ text: 'mark-second' }] },
      { role: 'model', parts: [{ text: 'mark-thought', thought: true }] },
      { role: 'user', parts: [{ text: 'mark-more' }] },
    ],
  },
  {
    contents: [{ role: 'user', parts: [{ text: 'mark-user' }] }],
    tools: [{ functionDeclarations: functions }],
    toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
    generationConfig: { thinkingConfig: { thinkingBudget: 3_001 } },
  },
];
