import { geminiRequest } from '../gemini/request.ts';
import { toldContents } from '../gemini/request-contents.ts';
import { only } from '../harmless.ts';
import { type FieldFate, mapped, refused, warned } from '../table.ts';

const CONFIG = 'generationConfig';
const PARTS = 'contents[].parts';
const NO_SETTING = 'the Chat Completions dialect has no such setting';
const MODEL_TAKES = { unless: 'the model takes none' } as const;

const contents: readonly FieldFate[] = [
  toldContents({
    instructions: 'a first message of role `system`',
    text: 'a text part of a message',
    bytes: '`image_url`, `input_audio`, `video_url` or `file`',
    address: '`image_url`, `video_url` or `file`',
    unread: 'the provider or the model reads nothing of its kind',
    call: '`tool_calls[].function`',
    callId: '`tool_calls[].id` and `tool_call_id`',
    result: 'the content of a message of role `tool`',
  }),
  mapped(`${PARTS}[].thought`, 'the member by which the provider takes thoughts back', {
    unless: 'it takes none back: the thought is left out',
  }),
  mapped(`${PARTS}[thoughtSignature].thoughtSignature`, 'goes back to whoever made it, as the provider takes it', {
    unless: 'it is of another provider: it is left out',
  }),
].flat();

const answerForm: readonly FieldFate[] = [
  mapped(`${CONFIG}.maxOutputTokens`, '`max_completion_tokens`, or `max_tokens` where the provider knows that'),
  warned(`${CONFIG}.responseMimeType`, 'this provider answers in text or in JSON', {
    harmless: only('text/plain', 'application/json', ''),
  }),
  mapped([`${CONFIG}.responseSchema`, `${CONFIG}.responseJsonSchema`], '`response_format.json_schema.schema`', {
    whole: true,
  }),
  mapped(`${CONFIG}.temperature`, 'the same', MODEL_TAKES),
  mapped(`${CONFIG}.topP`, '`top_p`', MODEL_TAKES),
  warned(`${CONFIG}.topK`, NO_SETTING),
  mapped(`${CONFIG}.stopSequences`, '`stop`', {
    unless: 'there are more than four (the first four), or the model takes none',
  }),
  mapped(`${CONFIG}.frequencyPenalty`, '`frequency_penalty`'),
  mapped(`${CONFIG}.presencePenalty`, '`presence_penalty`'),
  mapped(`${CONFIG}.seed`, 'the same'),
  mapped(`${CONFIG}.candidateCount`, '`n`'),
  mapped(`${CONFIG}.responseLogprobs`, '`logprobs`'),
  mapped(`${CONFIG}.logprobs`, '`top_logprobs`'),
  mapped(`${CONFIG}.thinkingConfig.thinkingLevel`, '`reasoning_effort`', {
    unless: 'the model is known not to think',
  }),
  mapped(
    `${CONFIG}.thinkingConfig.thinkingBudget`,
    '`reasoning_effort`: to 2048 low, to 8192 medium, above high; `none` for 0 where the model is known to take it',
    { unless: 'the model is known not to think' },
  ),
  mapped(`${CONFIG}.thinkingConfig.includeThoughts`, 'the provider tells its thoughts or does not; they are told on'),
].flat();

const tools: readonly FieldFate[] = [
  mapped(
    ['name', 'description'].map((name) => `tools[].functionDeclarations[].${name}`),
    'a tool of type `function`',
  ),
  mapped(
    ['parameters', 'parametersJsonSchema'].map((name) => `tools[].functionDeclarations[].${name}`),
    '`function.parameters`, as JSON Schema',
    { whole: true },
  ),
  refused(
    ['googleSearch', 'googleSearchRetrieval', 'codeExecution'].map((name) => `tools[].${name}`),
    'this provider does not run this tool',
  ),
  mapped(
    'toolConfig.functionCallingConfig.mode',
    '`tool_choice`: `auto` (for `VALIDATED` too), `none`, or `required` for `ANY`',
  ),
  mapped(
    'toolConfig.functionCallingConfig.allowedFunctionNames',
    '`tool_choice`, of one function or of type `allowed_tools`',
  ),
].flat();

const handling: readonly FieldFate[] = [
  warned('labels', 'this provider keeps no labels'),
  mapped('serviceTier', '`service_tier`: `standard` is `default`'),
].flat();

/** What a Gemini request says, and what of it a Chat Completions provider is told. */
export const geminiRequestToChat: readonly FieldFate[] = [
  ...contents,
  ...answerForm,
  ...tools,
  ...handling,
  ...geminiRequest,
];
