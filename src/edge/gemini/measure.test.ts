import { expect, test } from 'vitest';
import { gemini } from './dialects.ts';

const measured = (fields: object) =>
  gemini.parse(Buffer.from(JSON.stringify({ contents: [], ...fields })), { param: 'm', query: '' }).measure();
const parts = (...list: object[]) => ({ contents: [{ role: 'user', parts: list }] });

test('text is bounded by its bytes, and counted as text', () => {
  const measure = measured({ systemInstruction: { parts: [{ text: 'be kind' }] }, ...parts({ text: 'né' }) });
  const bytes = Buffer.byteLength(measure.text());
  expect(measure.inputTokensMax).toBe(bytes + measure.otherTokensMax);
  expect(measure.unbounded).toBeUndefined();
  expect(measure.prompt().texts).toEqual(['be kind', 'né']);
});

test('a picture counts as the dearest picture, and not as its bytes', () => {
  const data = 'A'.repeat(1_000_000);
  const measure = measured(parts({ inline_data: { mime_type: 'image/png', data } }));
  expect(measure.inputTokensMax).toBeLessThan(60_000);
  expect(measure.inputTokensMax).toBeGreaterThan(50_000);
  expect(measure.text()).not.toContain('AAAA');
});

test.each([
  ['a file that lies elsewhere', parts({ fileData: { fileUri: 'gs://x' } }), 'fileData'],
  ['a document', parts({ inlineData: { mimeType: 'application/pdf', data: '' } }), 'inlineData (application/pdf)'],
  ['sound', parts({ inlineData: { mimeType: 'audio/mp3', data: '' } }), 'inlineData (audio/mp3)'],
  ['a file in a response', parts({ functionResponse: { name: 'f', parts: [{ fileData: {} }] } }), 'fileData'],
  ['a cache', { cachedContent: 'cachedContents/x' }, 'cachedContent'],
  ['what is not known', parts({ toolCall: {} }), 'toolCall'],
])('%s has no bound', (_what, fields, unbounded) => {
  expect(measured(fields).unbounded).toBe(unbounded);
});

test.each([
  ['text', parts({ text: 'a' }, { text: 'b', thought: true, thoughtSignature: 'x' })],
  [
    'calls',
    parts({ functionCall: { name: 'f', args: { a: 1e20 } } }, { functionResponse: { name: 'f', response: {} } }),
  ],
  ['code', parts({ executableCode: { code: '1' } }, { codeExecutionResult: { output: '1' } })],
  ['a text file', parts({ inlineData: { mimeType: 'text/plain', data: 'AAAA' } })],
])('%s has one', (_what, fields) => {
  expect(measured(fields).unbounded).toBeUndefined();
});

test('tools that the provider runs are named, functions are not', () => {
  expect(measured({ tools: [{ functionDeclarations: [] }, { computerUse: {} }] }).hostedTool).toBeUndefined();
  expect(measured({ tools: [{ functionDeclarations: [] }, { google_search: {} }] }).hostedTool).toBe('googleSearch');
});

test('each candidate may be as long as the bound says', () => {
  expect(measured({}).choices).toBe(1);
  expect(measured({ generationConfig: { candidateCount: 4 } }).choices).toBe(4);
});
