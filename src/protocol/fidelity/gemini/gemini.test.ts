import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../operation.ts';
import { lossesOf } from '../losses.ts';
import type { FidelityTable } from '../table.ts';
import { fidelityTables, tableOf } from '../tables.ts';
import { noFilters, textAlone } from './harmless.ts';

const fromGemini = fidelityTables.filter(({ client }) => client === 'gemini');
const toGemini = fidelityTables.filter(({ provider }) => provider === 'gemini');

function table(client: Dialect, provider: Dialect): FidelityTable {
  const found = tableOf(client, provider);
  if (found === undefined) throw new Error(`there is no table from ${client} to ${provider}`);
  return found;
}

/** What the walk finds lost of a request whose contents are one turn of these parts. */
function ofParts(each: FidelityTable, ...parts: unknown[]) {
  return lossesOf(each, { contents: [{ role: 'user', parts }] });
}

test('each of the three other dialects has a table to Gemini, and one from it', () => {
  expect(fromGemini.map(({ provider }) => provider)).toEqual(['openai-chat', 'openai-responses', 'anthropic-messages']);
  expect(toGemini.map(({ client }) => client)).toEqual(['openai-chat', 'anthropic-messages', 'openai-responses']);
});

describe.each(fromGemini)('of a Gemini request to $provider', (each) => {
  test("what Google's own client and its agents send with each call is no loss", () => {
    const fields = {
      systemInstruction: { role: 'user', parts: [{ text: 'You are' }] },
      contents: [
        { role: 'user', parts: [{ text: 'hi' }, { inlineData: { mimeType: 'image/png', data: '' } }] },
        {
          role: 'model',
          parts: [
            { text: '', thought: true, thoughtSignature: 'c2ln' },
            { thoughtSignature: 'c2ln', functionCall: { name: 'read', args: { seed: 1, partialArgs: [1] } } },
          ],
        },
        { role: 'user', parts: [{ functionResponse: { name: 'read', response: { output: 'ok', scheduling: 'x' } } }] },
        { role: 'model', parts: [{ thoughtSignature: 'c2ln' }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'read', parameters: { type: 'OBJECT', behavior: {} } }] }],
      toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      generationConfig: {
        temperature: 0,
        topP: 0.95,
        candidateCount: 1,
        responseModalities: ['TEXT'],
        responseMimeType: 'text/plain',
        thinkingConfig: { includeThoughts: true, thinkingBudget: 8_192 },
      },
    };
    expect(lossesOf(each, fields)).toEqual({ losses: [], more: 0 });
  });

  test('content that cannot be read elsewhere keeps it from the provider', () => {
    expect(ofParts(each, { text: 'x' }, { executableCode: { code: 'x' } }).refused?.field).toBe('contents[0].parts[1]');
    expect(ofParts(each, { toolResponse: {} }).refused?.reason).toBe(
      'what a tool of another provider did cannot be told to this one',
    );
    expect(ofParts(each, { hologram: {} }).refused?.reason).toBe('a part of this kind is not known to this gateway');
    expect(lossesOf(each, { cachedContent: 'cachedContents/x' }).refused?.field).toBe('cachedContent');
    expect(lossesOf(each, { tools: [{ googleMaps: {} }] }).refused?.field).toBe('tools[0].googleMaps');
    expect(lossesOf(each, { tools: [{ newSearch: {} }] }).refused?.field).toBe('tools[0].newSearch');
    expect(lossesOf(each, { systemInstruction: { parts: [{ inlineData: {} }] } }).refused?.field).toBe(
      'systemInstruction.parts[0]',
    );
    expect(lossesOf(each, { generationConfig: { responseModalities: ['AUDIO'] } }).refused?.field).toBe(
      'generationConfig.responseModalities',
    );
  });

  test('what is said about a part is lost by itself, and the part goes on', () => {
    const film = { fileData: { fileUri: 'https://x/a.mp4' }, videoMetadata: { fps: 2 }, mediaResolution: {} };
    expect(ofParts(each, film)).toEqual({
      losses: [
        { field: 'contents[0].parts[0].videoMetadata', reason: 'this provider has no such setting' },
        { field: 'contents[0].parts[0].mediaResolution', reason: 'this provider has no such setting' },
      ],
      more: 0,
    });
  });

  test('what stands in no row is not known', () => {
    const fields = { contents: [{ parts: [{ text: 'x', odd: 1 }], mood: 'y' }], generationConfig: { odd: 2 } };
    expect(lossesOf(each, fields).losses.map(({ field }) => field)).toEqual([
      'contents[0].parts[0].odd',
      'contents[0].mood',
      'generationConfig.odd',
    ]);
  });
});

test("Google's search goes to providers that search the web, and keeps a call from those that do not", () => {
  const fields = { tools: [{ googleSearch: {} }] };
  expect(lossesOf(table('gemini', 'anthropic-messages'), fields)).toEqual({ losses: [], more: 0 });
  expect(lossesOf(table('gemini', 'openai-responses'), fields)).toEqual({ losses: [], more: 0 });
  expect(lossesOf(table('gemini', 'openai-chat'), fields).refused?.field).toBe('tools[0].googleSearch');
});

test('of what clients of other dialects send with each call, nothing is lost toward Gemini', () => {
  const chat = {
    model: 'gemini',
    stream: true,
    stream_options: { include_usage: true },
    store: false,
    logit_bias: {},
    metadata: null,
    parallel_tool_calls: true,
    tools: [{ type: 'function', function: { name: 'f', parameters: {}, strict: true } }],
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: [{ type: 'input_audio', input_audio: { data: '', format: 'wav' } }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'c',
            type: 'function',
            function: { name: 'f', arguments: '{}' },
            extra_content: { google: { thought_signature: 'c2ln' } },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'c', content: 'ok' },
    ],
  };
  expect(lossesOf(table('openai-chat', 'gemini'), chat)).toEqual({ losses: [], more: 0 });
  const messages = {
    model: 'gemini',
    max_tokens: 32_000,
    stream: true,
    system: [{ type: 'text', text: 'You are' }],
    thinking: { type: 'enabled', budget_tokens: 31_999 },
    tools: [
      { name: 'Read', input_schema: {} },
      { type: 'web_fetch_20250910', name: 'web_fetch' },
    ],
    tool_choice: { type: 'auto', disable_parallel_tool_use: false },
    messages: [{ role: 'user', content: 'hi' }],
  };
  expect(lossesOf(table('anthropic-messages', 'gemini'), messages)).toEqual({ losses: [], more: 0 });
});

test('filters that are switched off and text alone ask for nothing', () => {
  expect(noFilters.holds([{ threshold: 'OFF' }, { threshold: 'BLOCK_NONE' }])).toBe(true);
  for (const odd of [[{ threshold: 'BLOCK_LOW_AND_ABOVE' }], [{}], [null], 'OFF', {}]) {
    expect(noFilters.holds(odd)).toBe(false);
  }
  expect(textAlone.holds(['TEXT'])).toBe(true);
  expect(textAlone.holds(['text', 'MODALITY_UNSPECIFIED'])).toBe(true);
  for (const odd of [['TEXT', 'IMAGE'], [1], 'TEXT']) expect(textAlone.holds(odd)).toBe(false);
});
