import { geminiRequest, googleSearch } from '../gemini/request.ts';
import { toldContents } from '../gemini/request-contents.ts';
import { only } from '../harmless.ts';
import { type FieldFate, mapped, refused, warned } from '../table.ts';

const CONFIG = 'generationConfig';
const PARTS = 'contents[].parts';
const NO_SETTING = 'the Messages dialect has no such setting';
const NO_PROBABILITIES = 'the Messages dialect tells no probabilities';
const FITTED = { unless: 'the model thinks or takes none, or it is out of its bounds' } as const;
const UNSIGNED = { unless: "it has no signature of Anthropic's: such a thought is not sent" } as const;

const contents: readonly FieldFate[] = [
  toldContents({
    instructions: '`system`',
    text: 'a `text` block',
    bytes: 'an `image` or a `document`',
    address: 'an `image` or a `document`',
    unread: 'it is a sound, a film, or a document that is neither a PDF nor text: it is refused',
    call: '`tool_use`',
    callId: '`tool_use.id` and `tool_use_id`, rewritten where Messages does not take its characters',
    result: '`content` of a `tool_result`',
  }),
  mapped(`${PARTS}[].thought`, 'a `thinking` block', UNSIGNED),
  mapped(`${PARTS}[thoughtSignature].thoughtSignature`, '`signature` of that block, or `redacted_thinking`', UNSIGNED),
].flat();

const answerForm: readonly FieldFate[] = [
  mapped(`${CONFIG}.maxOutputTokens`, '`max_tokens`; where it is not given, the most that the model is known for', {
    unless: 'it is not given and nothing is known of the model: what is sent is named',
  }),
  warned(`${CONFIG}.responseMimeType`, 'this provider answers in text, or in JSON of a schema', {
    harmless: only('text/plain', 'application/json', ''),
    unless: 'there is no schema: the Messages dialect has no JSON mode without one',
  }),
  mapped([`${CONFIG}.responseSchema`, `${CONFIG}.responseJsonSchema`], '`output_config.format.schema`', {
    whole: true,
  }),
  mapped(`${CONFIG}.temperature`, 'the same', FITTED),
  mapped(`${CONFIG}.topP`, '`top_p`', FITTED),
  mapped(`${CONFIG}.topK`, '`top_k`', FITTED),
  mapped(`${CONFIG}.stopSequences`, '`stop_sequences`', { unless: 'one is nothing but white space (left out)' }),
  warned([`${CONFIG}.frequencyPenalty`, `${CONFIG}.presencePenalty`], NO_SETTING, { harmless: only(0) }),
  warned(`${CONFIG}.seed`, NO_SETTING),
  warned(`${CONFIG}.candidateCount`, 'the Messages dialect gives one answer', { harmless: only(1) }),
  warned(`${CONFIG}.responseLogprobs`, NO_PROBABILITIES, { harmless: only(false) }),
  warned(`${CONFIG}.logprobs`, NO_PROBABILITIES, { harmless: only(0) }),
  mapped(
    `${CONFIG}.thinkingConfig.thinkingLevel`,
    '`thinking` with a budget, or adaptive with `output_config.effort` from Claude 4.6 on',
    {
      unless:
        'the model knows no such effort (the next lower), a tool is forced, or the answer is too short for a budget (no thinking)',
    },
  ),
  mapped(`${CONFIG}.thinkingConfig.thinkingBudget`, '`thinking.budget_tokens`; 0 is `disabled` and -1 `adaptive`', {
    unless: 'the model takes an effort alone',
  }),
  mapped(`${CONFIG}.thinkingConfig.includeThoughts`, '`thinking.display`'),
].flat();

const tools: readonly FieldFate[] = [
  mapped(
    ['name', 'description'].map((name) => `tools[].functionDeclarations[].${name}`),
    'a tool of type `custom`',
  ),
  mapped(
    ['parameters', 'parametersJsonSchema'].map((name) => `tools[].functionDeclarations[].${name}`),
    '`input_schema`, as JSON Schema',
    { whole: true },
  ),
  googleSearch('a tool of type `web_search_20250305`', (field) => mapped(field, '`blocked_domains`')),
  refused('tools[].codeExecution', 'this provider does not run this tool'),
  mapped(
    'toolConfig.functionCallingConfig.mode',
    '`tool_choice`: `auto` (for `VALIDATED` too), `none`, or `any` for `ANY`',
    {
      unless: 'the model is to think (it is told not to), or cannot be made to call a tool (it may choose)',
    },
  ),
  mapped(
    'toolConfig.functionCallingConfig.allowedFunctionNames',
    '`tool_choice.name` of one function; of several, the other tools are not sent',
  ),
].flat();

const handling: readonly FieldFate[] = [
  warned('labels', 'this provider keeps no labels'),
  mapped('serviceTier', '`service_tier`: `standard` is `standard_only`', {
    unless: 'another tier is asked for: the provider decides',
  }),
].flat();

/** What a Gemini request says, and what of it a Messages provider is told. */
export const geminiRequestToMessages: readonly FieldFate[] = [
  ...contents,
  ...answerForm,
  ...tools,
  ...handling,
  ...geminiRequest,
];
