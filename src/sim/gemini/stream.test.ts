import { beforeAll, expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import type { FaultRuleInput } from '../faults/rules.ts';
import { Simulator } from '../simulator.ts';
import { ask, type Chunk, ready } from '../testing.ts';

beforeAll(ready);

const hello = { contents: [{ role: 'user', parts: [{ text: 'Describe the harbor' }] }] };

function simulator(fault?: FaultRuleInput['fault']) {
  return new Simulator({ seed: 7, clock: new VirtualClock(), ...(fault === undefined ? {} : { faults: [{ fault }] }) });
}

/** The chunks of a streamed answer, cut where Google cuts them. */
function streamed(one: Simulator, body: object = {}, model = 'sim-small') {
  const asked = ask(one, { ...hello, ...body }, {}, `/v1beta/models/${model}:streamGenerateContent?alt=sse`);
  const frames = asked.text.split('\r\n\r\n').slice(0, -1);
  const chunks: Chunk[] = frames.map((frame) => JSON.parse(frame.replace(/^data: /, '')));
  return { ...asked, chunks };
}

function whole(one: Simulator, body: object = {}, model = 'sim-small') {
  return ask(one, { ...hello, ...body }, {}, `/v1beta/models/${model}:generateContent`).json;
}

function textOf(chunks: readonly Chunk[]): string {
  const parts: Chunk[] = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  return parts.flatMap(({ text, thought }) => (thought ? [] : (text ?? []))).join('');
}

test('a stream is whole responses in frames of CRLF, and its only end is the finish reason', () => {
  const one = simulator();
  const { chunks, text, headers } = streamed(one, { generationConfig: { maxOutputTokens: 5 } });
  expect(headers['content-type']).toBe('text/event-stream');
  expect(text).not.toMatch(/[^\r]\n|\[DONE\]/);
  expect(chunks.map((chunk) => chunk.candidates[0].finishReason)).toEqual([...Array(5), 'MAX_TOKENS']);
  expect(chunks.map((chunk) => chunk.usageMetadata.candidatesTokenCount)).toEqual([1, 2, 3, 4, 5, 5]);
  expect(one.bill()[0]).toMatchObject({ model: 'sim-small', completion_tokens: 5, outcome: 'complete' });
});

test('without alt=sse the chunks are one JSON array, and a refusal is in one too', () => {
  const one = simulator();
  const path = '/v1/models/sim-small:streamGenerateContent';
  const { text, headers } = ask(one, hello, {}, path);
  expect(headers['content-type']).toBe('application/json; charset=UTF-8');
  const chunks: Chunk[] = JSON.parse(text);
  expect(textOf(chunks)).toBe(textOf(streamed(one).chunks));
  expect(chunks.at(-1).candidates[0].finishReason).toBe('STOP');
  const refused: Chunk[] = JSON.parse(ask(one, { contents: [] }, {}, path).text);
  expect(refused).toEqual([{ error: expect.objectContaining({ code: 400, status: 'INVALID_ARGUMENT' }) }]);
});

test('an array can break off, and hold an error where the next chunk would stand', () => {
  const path = '/v1beta/models/sim-small:streamGenerateContent';
  expect(() => JSON.parse(ask(simulator({ kind: 'no-done' }), hello, {}, path).text)).toThrow(SyntaxError);
  for (const afterEvents of [0, 3]) {
    const broken: Chunk[] = JSON.parse(ask(simulator({ kind: 'error-event', afterEvents }), hello, {}, path).text);
    expect(broken).toHaveLength(afterEvents + 1);
    expect(broken.at(-1).error.status).toBe('INTERNAL');
  }
  const huge: Chunk[] = JSON.parse(ask(simulator({ kind: 'huge-event', bytes: 9_999 }), hello, {}, path).text);
  expect(huge[1].candidates[0].content.parts[0].text).toHaveLength(9_999);
});

test('thoughts are counted apart, told only to who asks, and lead to a signature on the last words', () => {
  const hidden = streamed(simulator(), {}, 'sim-reasoner');
  expect(hidden.text).not.toContain('"thought":true');
  const { usageMetadata } = hidden.chunks.at(-1);
  expect(usageMetadata.thoughtsTokenCount).toBeGreaterThan(0);
  expect(usageMetadata.totalTokenCount).toBe(
    usageMetadata.promptTokenCount + usageMetadata.candidatesTokenCount + usageMetadata.thoughtsTokenCount,
  );
  expect(hidden.chunks.at(-1).candidates[0].content.parts).toEqual([
    { text: '', thoughtSignature: expect.any(String) },
  ]);
  const generationConfig = { thinkingConfig: { includeThoughts: true, thinkingBudget: 10 } };
  const one = simulator();
  const shown = whole(one, { generationConfig }, 'sim-reasoner');
  expect(shown.candidates[0].content.parts).toMatchObject([
    { thought: true },
    { thoughtSignature: expect.any(String) },
  ]);
  expect(shown.usageMetadata.thoughtsTokenCount).toBeLessThanOrEqual(10);
  expect(one.bill()[0]?.reasoning_tokens).toBe(shown.usageMetadata.thoughtsTokenCount);
  const none = whole(simulator(), { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }, 'sim-reasoner');
  expect(none.usageMetadata).not.toHaveProperty('thoughtsTokenCount');
  const asked = whole(simulator(), { generationConfig: { thinkingConfig: { thinkingLevel: 'high' } } });
  expect(asked.usageMetadata.thoughtsTokenCount).toBeGreaterThan(0);
  expect(asked.candidates[0].content.parts).toEqual([
    { text: expect.any(String), thoughtSignature: expect.any(String) },
  ]);
  expect(whole(simulator()).candidates[0].content.parts[0]).not.toHaveProperty('thoughtSignature');
  const cut = whole(simulator(), { generationConfig: { maxOutputTokens: 3 } }, 'sim-reasoner');
  expect(cut.candidates).toEqual([{ content: { role: 'model' }, finishReason: 'MAX_TOKENS', index: 0 }]);
});

test('stop sequences, several candidates, schemas and log probabilities are kept to', () => {
  const all = textOf([whole(simulator())]);
  const stop = all.split(' ')[4] ?? '';
  const stopped = whole(simulator(), { generationConfig: { stopSequences: ['never said', stop] } });
  expect(textOf([stopped])).toBe(all.slice(0, all.indexOf(stop)));
  const { chunks } = streamed(simulator(), { generationConfig: { candidateCount: 3 } });
  expect(new Set(chunks.map((chunk) => chunk.candidates[0].index))).toEqual(new Set([0, 1, 2]));
  const responseSchema = {
    type: 'OBJECT',
    properties: { depth: { type: 'INTEGER', maximum: 3 } },
    required: ['depth'],
  };
  const json = { responseMimeType: 'application/json', responseSchema };
  expect(JSON.parse(textOf([whole(simulator(), { generationConfig: json })])).depth).toBeLessThanOrEqual(3);
  const plain = { response_mime_type: 'application/json' };
  expect(JSON.parse(textOf([whole(simulator(), { generation_config: plain })]))).toHaveProperty('answer');
  const told = whole(simulator(), { generationConfig: { responseLogprobs: true, logprobs: 2 } }).candidates[0];
  expect(told.logprobsResult.chosenCandidates.map(({ token }: Chunk) => token).join('')).toBe(all);
  expect(told.logprobsResult.topCandidates[0].candidates).toHaveLength(2);
});

test('a search grounds a passage by its place in bytes, code runs, and pages are read', () => {
  const searched = whole(simulator(), { tools: [{ googleSearch: {} }] }).candidates[0];
  const { groundingSupports, groundingChunks, webSearchQueries } = searched.groundingMetadata;
  const [{ segment }] = groundingSupports;
  const bytes = Buffer.from(searched.content.parts[0].text).subarray(segment.startIndex, segment.endIndex);
  expect(bytes.toString()).toBe(segment.text);
  expect(segment.text).toContain('“Describe harbor”');
  expect(groundingChunks[0].web.uri).toMatch(/^https:\/\/harbor\.example\//);
  expect(webSearchQueries).toEqual(['Describe harbor']);
  const ran = whole(simulator(), { tools: [{ code_execution: {} }] });
  expect(ran.candidates[0].content.parts.map((part: Chunk) => Object.keys(part)[0])).toEqual([
    'executableCode',
    'codeExecutionResult',
    'text',
  ]);
  expect(ran.usageMetadata.toolUsePromptTokenCount).toBeGreaterThan(0);
  const contents = [{ parts: [{ text: 'Read https://harbor.example/a' }] }];
  const read = whole(simulator(), { contents, tools: [{ urlContext: {} }] }).candidates[0];
  expect(read.urlContextMetadata.urlMetadata[0].retrievedUrl).toBe('https://harbor.example/a');
});

test('blocked prompts, blocked answers and calls that went wrong are said as Google says them', () => {
  const saying = (text: string, more: object = {}) => ({ contents: [{ role: 'user', parts: [{ text }] }], ...more });
  const one = simulator();
  const blocked = whole(one, saying('SIM_BLOCK_PROMPT'));
  expect(blocked).toMatchObject({ promptFeedback: { blockReason: 'SAFETY' } });
  expect(blocked).not.toHaveProperty('candidates');
  expect(one.bill()[0]).toMatchObject({ completion_tokens: 0, prompt_tokens: blocked.usageMetadata.promptTokenCount });
  expect(streamed(simulator(), saying('SIM_BLOCK_PROMPT')).chunks).toMatchObject([{ promptFeedback: {} }]);
  const stopped = streamed(simulator(), saying('SIM_BLOCK_ANSWER')).chunks.at(-1).candidates[0];
  expect(stopped).toMatchObject({ finishReason: 'SAFETY', safetyRatings: expect.any(Array) });
  const tools = [{ functionDeclarations: [{ name: 'sail' }] }];
  expect(whole(simulator(), saying('SIM_MALFORMED_CALL', { tools })).candidates[0]).toMatchObject({
    content: { role: 'model' },
    finishReason: 'MALFORMED_FUNCTION_CALL',
  });
});

test('a beginning of a prompt that comes again is read from the cache', () => {
  const one = simulator();
  const systemInstruction = { parts: [{ text: 'Keep the log of the harbor. '.repeat(400) }] };
  expect(whole(one, { systemInstruction }).usageMetadata).not.toHaveProperty('cachedContentTokenCount');
  const again = whole(one, { systemInstruction }).usageMetadata;
  expect(again.cachedContentTokenCount).toBeGreaterThan(1_024);
  expect(one.bill().at(-1)?.cached_tokens).toBe(again.cachedContentTokenCount);
});

test('the same request gives the same words, streamed or not, of whatever seed', () => {
  const texts = [7, 7, 8].map((seed) => {
    const one = new Simulator({ seed, clock: new VirtualClock() });
    expect(textOf(streamed(one).chunks)).toBe(textOf([whole(one)]));
    return textOf([whole(one)]);
  });
  expect(texts[0]).toBe(texts[1]);
  expect(texts[0]).not.toBe(texts[2]);
});

test('faults speak Gemini, and rules find its model and its streams in the path', () => {
  const rules = [
    { match: { model: 'sim-small', stream: true }, fault: { kind: 'no-done' } },
    { match: { model: 'sim-large' }, fault: { kind: 'status', code: 429, retryAfter: { ms: 2_500 } } },
  ];
  const one = new Simulator({ seed: 7, clock: new VirtualClock(), faults: rules });
  expect(whole(one).candidates[0].finishReason).toBe('STOP');
  expect(streamed(one).chunks.every((chunk) => chunk.candidates[0].finishReason === undefined)).toBe(true);
  const { error } = whole(one, {}, 'sim-large');
  expect(error).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED' });
  expect(error.details).toEqual([{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2.5s' }]);
  expect(one.calls().map(({ model, stream }) => [model, stream])).toEqual([
    ['sim-small', false],
    ['sim-small', true],
    ['sim-large', false],
  ]);
  const inside = streamed(simulator({ kind: 'error-event', afterEvents: 2, status: 503 })).chunks;
  expect(inside).toHaveLength(3);
  expect(inside[2]).toEqual({ error: expect.objectContaining({ code: 503, status: 'UNAVAILABLE' }) });
});

test('usage can be missing, wrong, twice or late, and the bill is honest', () => {
  expect(streamed(simulator({ kind: 'no-usage' })).text).not.toContain('usageMetadata');
  expect(whole(simulator({ kind: 'bad-usage', form: 'negative' })).usageMetadata.candidatesTokenCount).toBe(-5);
  const honest = whole(simulator(), {}, 'sim-reasoner').usageMetadata;
  const { usageMetadata } = whole(simulator({ kind: 'bad-usage', form: 'reasoning-apart' }), {}, 'sim-reasoner');
  expect(usageMetadata).toMatchObject({
    candidatesTokenCount: honest.candidatesTokenCount + honest.thoughtsTokenCount,
    totalTokenCount: honest.totalTokenCount,
  });
  const said = (place: 'own' | 'finish' | 'twice' | 'after-done') =>
    streamed(simulator({ kind: 'usage', place })).chunks.map((chunk) => 'usageMetadata' in chunk);
  expect(said('own')).not.toContain(false);
  expect(said('finish').indexOf(true)).toBe(said('finish').length - 1);
  expect(said('twice').length).toBe(said('own').length + 1);
  expect(said('after-done').slice(-2)).toEqual([false, true]);
  const one = simulator({ kind: 'overrun', tokens: 20 });
  const over = whole(one, { generationConfig: { maxOutputTokens: 30 } });
  expect(over.usageMetadata.candidatesTokenCount).toBe(50);
  expect(one.bill()[0]?.completion_tokens).toBe(50);
});
