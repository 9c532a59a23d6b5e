import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LazyTranslations } from '../compose/translations.ts';
import { anthropicMessages } from '../edge/anthropic/dialects.ts';
import { openAiChat } from '../edge/openai/dialects.ts';
import type { TargetTraits } from '../protocol/chat/codec.ts';
import type { WireDialect } from './dialect.ts';

/*
 * The hold of a call is reckoned by the bytes of the client's request. Whatever
 * a translation puts around its parts, the model must not read more than that.
 * A token is at least one byte of UTF-8, so that the bytes of what the model
 * reads are never fewer than its tokens.
 */

const TRAITS: TargetTraits = {
  model: 'm',
  maxTokensField: 'max_tokens',
  streamUsageOption: true,
  reasoningField: 'reasoning_content',
};

const words = fc.string({ maxLength: 12, unit: 'grapheme' });
const name = fc.stringMatching(/^[a-z]{1,8}$/);
const schema = fc.constantFrom(
  { type: 'object', properties: {} },
  { type: 'object', properties: { city: { type: 'string' } } },
);
const json = fc.constantFrom('{}', '{"city":"Kiel"}');

const chatTool = fc.oneof(
  fc.record({ type: fc.constant('function'), function: fc.record({ name, parameters: schema }) }),
  fc.record({ type: fc.constant('function'), function: fc.record({ name }) }),
  fc.record({ type: fc.constant('custom'), custom: fc.record({ name }) }),
);
const chatTurn = fc.oneof(
  words.map((content) => [{ role: 'user', content }]),
  words.map((content) => [{ role: 'system', content }]),
  fc
    .array(words, { maxLength: 3 })
    .map((texts) => [{ role: 'user', content: texts.map((text) => ({ type: 'text', text })) }]),
  fc.tuple(fc.array(fc.tuple(name, json, words), { minLength: 1, maxLength: 3 }), words).map(([calls, content]) => [
    {
      role: 'assistant',
      content,
      tool_calls: calls.map(([fn, args], at) => ({
        id: `call_${at}`,
        type: 'function',
        function: { name: fn, arguments: args },
      })),
    },
    ...calls.map(([, , result], at) => ({ role: 'tool', tool_call_id: `call_${at}`, content: result })),
  ]),
);
const chatRequest = fc.record({
  model: fc.constant('m'),
  max_tokens: fc.constant(9),
  messages: fc.array(chatTurn, { minLength: 1, maxLength: 4 }).map((turns) => turns.flat()),
  tools: fc.array(chatTool, { minLength: 1, maxLength: 3 }),
});

const messagesTurn = fc.oneof(
  words.map((content) => [{ role: 'user', content }]),
  fc
    .tuple(fc.array(fc.tuple(name, words, fc.boolean()), { minLength: 1, maxLength: 3 }), words)
    .map(([calls, text]) => [
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: text, signature: 'c2lnbmVk' },
          ...calls.map(([tool], at) => ({ type: 'tool_use', id: `toolu_${at}`, name: tool, input: { city: 'Kiel' } })),
        ],
      },
      {
        role: 'user',
        content: calls.map(([, result, failed], at) => ({
          type: 'tool_result',
          tool_use_id: `toolu_${at}`,
          content: [{ type: 'text', text: result }],
          ...(failed ? { is_error: true } : {}),
        })),
      },
    ]),
);
const messagesRequest = fc.record({
  model: fc.constant('m'),
  max_tokens: fc.constant(9),
  system: fc.oneof(
    words,
    words.map((text) => [{ type: 'text', text }]),
  ),
  messages: fc.array(messagesTurn, { minLength: 1, maxLength: 4 }).map((turns) => turns.flat()),
  tools: fc.array(fc.record({ name, input_schema: schema }), { minLength: 1, maxLength: 3 }),
});

test.each<[WireDialect, WireDialect, fc.Arbitrary<object>]>([
  [openAiChat, anthropicMessages, chatRequest],
  [anthropicMessages, openAiChat, messagesRequest],
])('what is held for a call covers what its translation has the model read: $id', async (from, to, requests) => {
  const translations = new LazyTranslations();
  await translations.prepare();
  const { client, provider } = translations.between(from.id, to.id);
  fc.assert(
    fc.property(requests, (request) => {
      const asked = from.parse(Buffer.from(JSON.stringify(request)));
      const written = provider.writeCall(client.readCall(asked.fields), TRAITS, []);
      const read = to
        .parse(Buffer.from(JSON.stringify(written)))
        .measure()
        .prompt();
      const bytes = read.texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      expect(asked.measure().inputTokensMax).toBeGreaterThanOrEqual(bytes + read.otherTokens);
    }),
    { numRuns: 300 },
  );
});
