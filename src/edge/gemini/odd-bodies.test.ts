import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oddJson } from '../../../test/support/chat/odd-json.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { messagesProvider } from '../../providers/anthropic/codec.ts';
import { isFields } from '../../providers/fields.ts';
import { chatProvider } from '../../providers/openai/codec.ts';
import { responsesProvider } from '../../providers/responses/codec.ts';
import { geminiClient } from './codec.ts';
import { gemini, geminiEmbedBatch, geminiTokenCount } from './dialects.ts';

const SEAL = Buffer.from('leeward-unsigned:anthropic-messages:signature~e30:s').toString('base64');
const REQUEST = {
  systemInstruction: { parts: [{ text: 's' }] },
  contents: [
    {
      role: 'user',
      parts: [
        { text: 't' },
        { inlineData: { mimeType: 'image/png', data: 'AA==' } },
        { file_data: { file_uri: 'gs://x' } },
      ],
    },
    {
      role: 'model',
      parts: [
        { text: 'h', thought: true },
        { text: '', thought: true, thoughtSignature: SEAL },
        { functionCall: { id: 'a', name: 'f', args: { x: 1 } }, thoughtSignature: SEAL },
        { executableCode: { code: '1', language: 'PYTHON' } },
        { codeExecutionResult: { outcome: 'OUTCOME_OK' } },
      ],
    },
    {
      role: 'user',
      parts: [
        {
          functionResponse: {
            id: 'a',
            name: 'f',
            response: { output: 'x' },
            parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }],
          },
        },
      ],
    },
  ],
  tools: [
    {
      functionDeclarations: [
        { name: 'f', parameters: { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } } } },
      ],
      googleSearch: {},
    },
  ],
  toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
  generationConfig: {
    temperature: 1,
    stopSequences: ['a'],
    thinking_config: { thinkingBudget: 5, includeThoughts: true },
    responseMimeType: 'application/json',
    responseSchema: { type: 'OBJECT' },
    responseModalities: ['TEXT'],
  },
  labels: { a: 'b' },
};
const TRAITS = { model: 'm', maxTokensField: 'max_tokens', streamUsageOption: true } as const;
const AT = { model: 'm', streamUsageOption: false, maxTokensField: 'max_tokens', maxOutputTokens: 5 } as const;

describe('whatever is odd in a request', () => {
  test('is understood or refused in our own words, by us or for a provider that cannot say it', () => {
    const seen = { understood: 0, refused: 0 };
    fc.assert(
      fc.property(oddJson(REQUEST).filter(isFields), (fields) => {
        try {
          const call = geminiClient.readCall(fields);
          for (const provider of [chatProvider, messagesProvider, responsesProvider]) {
            JSON.stringify(provider.writeCall({ ...call, client: 'gemini' }, TRAITS, []));
          }
          seen.understood++;
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
          seen.refused++;
        }
      }),
      { numRuns: 600 },
    );
    expect(Math.min(seen.understood, seen.refused)).toBeGreaterThan(10);
  });

  test('is bounded, counted and passed on natively, or refused', () => {
    fc.assert(
      fc.property(oddJson(REQUEST).filter(isFields), fc.boolean(), (fields, cut) => {
        const body = Buffer.from(JSON.stringify(fields));
        for (const dialect of [gemini, geminiTokenCount, geminiEmbedBatch]) {
          try {
            const call = dialect.parse(body, { param: 'm', query: '' });
            const { inputTokensMax, prompt } = call.measure();
            expect(inputTokensMax).toBeGreaterThan(0);
            expect(prompt().texts.every((text) => typeof text === 'string')).toBe(true);
            const { bytes } = call.encode(cut ? { ...AT, keepMessages: 1 } : AT);
            expect(() => JSON.parse(bytes.toString()) as unknown).not.toThrow();
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError);
          }
        }
      }),
      { numRuns: 600 },
    );
  });
});

test('very many names in snake case, and very many calls, are read in no time', () => {
  const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`a_b${at}`, 1]));
  const parts = Array.from({ length: 20_000 }, () => ({ functionCall: { name: 'f' } }));
  const responses = Array.from({ length: 20_000 }, () => ({ functionResponse: { name: 'f', id: 'x' } }));
  const startedMs = performance.now();
  geminiClient.readCall({ ...many, contents: [{ role: 'model', parts }, { parts: responses }] });
  expect(performance.now() - startedMs).toBeLessThan(3_000);
});

test.each(['constructor', '__proto__', 'toString'])(
  'a name that every object has is a name like any other: %s',
  (name) => {
    expect(() => geminiClient.readCall({ contents: [{ role: name, parts: [] }] })).toThrow(GatewayError);
    const tools = JSON.parse(`[{"${name}":{}}]`) as unknown[];
    expect(geminiClient.readCall({ contents: [], tools }).tools).toMatchObject([{ type: 'hosted', tool: 'other' }]);
  },
);
