import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { promptParts, promptTokens } from '../../sim/anthropic/prompt.ts';
import { readCountRequest } from '../../sim/anthropic/request.ts';
import type { JsonObject } from '../../sim/json-object.ts';
import { SIM_MODELS, type SimChatModel } from '../../sim/models.ts';
import { Seal } from '../../sim/seal.ts';
import { TokenCounter, warm } from '../../sim/tokenizer.ts';
import { countTokens } from '../../tokens/token-worker.ts';
import { measureRequest } from './measure.ts';

/** What the simulated provider counts stands for any provider. */

beforeAll(warm);

const counter = new TokenCounter();
const model = SIM_MODELS.find((candidate): candidate is SimChatModel => candidate.kind === 'chat') as SimChatModel;
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

type Fields = Readonly<Record<string, unknown>>;

function measured(fields: Fields) {
  return measureRequest(fields, Buffer.from(JSON.stringify(fields)));
}

const ofBlock = (block: object) => measured({ messages: [{ role: 'user', content: [block] }] });

function simTokens(fields: Fields): number {
  const body = JSON.parse(JSON.stringify(fields)) as JsonObject;
  return promptTokens(promptParts(readCountRequest(body, { model, betas: [], seal: new Seal(1) }), counter));
}

function ownTokens(fields: Fields): number {
  const { texts, otherTokens } = measured(fields).prompt();
  return texts.reduce((sum, text) => sum + countTokens(text), otherTokens);
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map((said) => `.${said}`),
  fc.constantFrom('👩‍👩‍👧🏽 日本語 𝕏', '.\u0000\u0001\u2028', '<|endoftext|>', '"\\"{}[]', 'ﷺ'.repeat(9)),
);
const numbers = fc.array(fc.constantFrom(1e20, 1e-6, -0, 7, 1.5, 123_456_789_012_345_680_000), { maxLength: 12 });
const textBlock = fc.record({ type: fc.constant('text'), text });
const picture = fc.constantFrom(
  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
  { type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } },
);
const document = fc.record({
  type: fc.constant('document'),
  source: fc.record({ type: fc.constant('text'), media_type: fc.constant('text/plain'), data: text }),
});
const said = fc.oneof(text, fc.array(fc.oneof(textBlock, picture, document), { minLength: 1, maxLength: 4 }));
const user = fc.record({ role: fc.constant('user'), content: said });
const exchange = fc.tuple(fc.record({ deep: numbers, said: text }), said).map(([input, content]) => [
  { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input }] },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content }] },
]);
const tool = fc.record({
  name: fc.constant('look'),
  description: text,
  input_schema: fc.record({ type: fc.constant('object'), enum: numbers, title: text }),
});
const request = fc
  .record(
    {
      system: fc.oneof(text, fc.array(textBlock, { minLength: 1, maxLength: 2 })),
      tools: tool.map((one) => [one]),
      rest: fc.option(exchange, { nil: [] }),
      first: user,
    },
    { requiredKeys: ['rest', 'first'] },
  )
  .map(({ rest, first, ...fields }) => ({ model: 'm', ...fields, messages: [first, ...rest] }));

describe('bounds of the input', () => {
  test('are never below what a provider counts, in bytes or in tokens', () => {
    fc.assert(
      fc.property(request, (fields) => {
        const { inputTokensMax, otherTokensMax, text: whole, unbounded, hostedTool } = measured(fields);
        expect([unbounded, hostedTool]).toEqual([undefined, undefined]);
        const tokens = simTokens(fields);
        expect(inputTokensMax).toBeGreaterThanOrEqual(tokens);
        expect(countTokens(whole()) + otherTokensMax).toBeGreaterThanOrEqual(tokens);
      }),
      { numRuns: 300 },
    );
  });

  test('count a picture as the dearest one, also in what a tool has found, and not by its bytes', () => {
    const bytes = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG.repeat(3_000) } };
    for (const block of [bytes, { type: 'tool_result', tool_use_id: 't', content: [bytes] }]) {
      const { inputTokensMax, otherTokensMax, text: whole } = ofBlock(block);
      expect(inputTokensMax).toBeGreaterThan(48_169);
      expect(inputTokensMax).toBeLessThan(51_000);
      expect(otherTokensMax).toBeGreaterThan(48_169);
      expect(whole().length).toBeLessThan(1_000);
    }
  });
});

describe('what has no bound is said', () => {
  const file = { type: 'file', file_id: 'file_1' };

  test.each([
    [
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' } },
      'document (its pages)',
    ],
    [{ type: 'document', source: { type: 'url', url: 'https://a.test' } }, 'document (its pages)'],
    [{ type: 'document', source: file }, 'document (its pages)'],
    [
      { type: 'document', source: { type: 'text', data: 'a' }, citations: { enabled: true } },
      'document (its citations)',
    ],
    [{ type: 'image', source: file }, 'image (file)'],
    [{ type: 'tool_result', content: [{ type: 'document', source: file }] }, 'document (its pages)'],
    [{ type: 'container_upload', file_id: 'f' }, 'container_upload'],
    [{ type: 'web_search_tool_result', content: [] }, 'web_search_tool_result'],
    [{ type: 'document', source: { type: 'content', content: [{ type: 'image', source: file }] } }, 'image (file)'],
  ])('%j', (block, field) => {
    expect(ofBlock(block).unbounded).toBe(field);
  });

  test('and what has one is not', () => {
    for (const block of [
      { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } },
      { type: 'thinking', thinking: 'x', signature: 'y' },
      { type: 'redacted_thinking', data: 'y' },
      { type: 'tool_result', tool_use_id: 't', content: 'x' },
      { type: 'search_result', title: 't', source: 's', content: [{ type: 'text', text: 'x' }] },
    ]) {
      expect(ofBlock(block).unbounded).toBeUndefined();
    }
  });

  test('nesting beyond reason has none', () => {
    let block: object = { type: 'text', text: 'x' };
    for (let depth = 0; depth < 20; depth++) block = { type: 'tool_result', content: [block] };
    expect(ofBlock(block).unbounded).toMatch(/nested/);
  });

  test('a conversation that lies at the provider', () => {
    expect(measured({ messages: [], thread: { type: 'continue', previous_message_id: 'm' } }).unbounded).toBe('thread');
    expect(measured({ messages: [], thread: { type: 'create' } }).unbounded).toBeUndefined();
  });

  test('sets of tools of which nobody says how long they are', () => {
    expect(measured({ messages: [], tools: [{ type: 'browser_toolset_20260801' }] }).unbounded).toMatch(/^browser/);
  });
});

test.each([
  [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'web_search_20250305'],
  [{ tools: [{ name: 'mine' }, { type: 'code_execution_20250825' }] }, 'code_execution_20250825'],
  [{ mcp_servers: [{ type: 'url' }] }, 'mcp_servers'],
  [{ container: { skills: [] } }, 'container'],
  [{ fallbacks: 'default' }, 'fallbacks'],
  [{ fallbacks: [{ model: 'other' }] }, 'fallbacks'],
  [{ fallbacks: null }, undefined],
  [{ context_management: { edits: [{ type: 'compact_20260112' }] } }, 'context_management'],
  [{ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }, undefined],
  [
    { tools: [{ name: 'a' }, { type: 'custom' }, { type: 'bash_20250124' }, { type: 'text_editor_20250728' }] },
    undefined,
  ],
  [{ tools: [{ type: 'computer_20250124' }, { type: 'memory_20250818' }], mcp_servers: [] }, undefined],
])('tools that run at the provider: %j', (fields, hosted) => {
  expect(measured(fields).hostedTool).toBe(hosted);
});

test.each([
  [{ service_tier: 'standard_only' }, 'standard_only'],
  [{ service_tier: 'auto', speed: 'fast' }, 'fast'],
  [{ inference_geo: 'us' }, 'geo_us'],
  [{}, undefined],
])('the terms that it asks for: %j', (fields, tier) => {
  expect(measured(fields).serviceTier).toBe(tier);
});

describe('our own count', () => {
  test('of texts is near to what the simulated provider counts', () => {
    fc.assert(
      fc.property(request, (fields) => {
        const pictures = JSON.stringify(fields).split('"type":"image"').length - 1;
        const [own, theirs] = [ownTokens(fields), simTokens(fields)];
        expect(Math.abs(own - theirs)).toBeLessThan(pictures * 1_700 + theirs * 0.2 + 40);
      }),
      { numRuns: 200 },
    );
  });

  test('of a short question is Anthropic’s', () => {
    const content = [{ type: 'text', text: 'What is the capital of France?' }];
    expect(ownTokens({ messages: [{ role: 'user', content }] })).toBe(14);
  });
});
