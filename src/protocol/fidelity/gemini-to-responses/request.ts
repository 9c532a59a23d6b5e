import { geminiRequest, googleSearch } from '../gemini/request.ts';
import { toldContents } from '../gemini/request-contents.ts';
import { only } from '../harmless.ts';
import { type FieldFate, mapped, warned } from '../table.ts';

const CONFIG = 'generationConfig';
const PARTS = 'contents[].parts';
const NO_SETTING = 'the Responses dialect has no such setting';
const MODEL_TAKES = { unless: 'the model takes none' } as const;
const SEALED = { unless: 'this provider did not seal it: such a thought is not sent' } as const;

const contents: readonly FieldFate[] = [
  toldContents({
    instructions: '`instructions`',
    text: '`input_text`, of the model `output_text`',
    bytes: '`input_image` or `input_file`',
    address: '`input_image.image_url` or `input_file.file_url`',
    unread: 'it is a sound or a film: it is refused',
    call: '`function_call`',
    callId: '`call_id`, a shorter one where it is too long',
    result: '`output` of a `function_call_output`',
  }),
  mapped(`${PARTS}[].thought`, 'a `reasoning` item', SEALED),
  mapped(`${PARTS}[thoughtSignature].thoughtSignature`, '`encrypted_content` of that item', SEALED),
].flat();

const answerForm: readonly FieldFate[] = [
  mapped(`${CONFIG}.maxOutputTokens`, '`max_output_tokens`', { unless: 'it is below 16: 16 is sent' }),
  warned(`${CONFIG}.responseMimeType`, 'this provider answers in text or in JSON', {
    harmless: only('text/plain', 'application/json', ''),
  }),
  mapped([`${CONFIG}.responseSchema`, `${CONFIG}.responseJsonSchema`], '`text.format.schema`, strict where it can be', {
    whole: true,
  }),
  mapped(`${CONFIG}.temperature`, 'the same', MODEL_TAKES),
  mapped(`${CONFIG}.topP`, '`top_p`', MODEL_TAKES),
  warned([`${CONFIG}.topK`, `${CONFIG}.stopSequences`, `${CONFIG}.seed`], NO_SETTING),
  warned([`${CONFIG}.frequencyPenalty`, `${CONFIG}.presencePenalty`], NO_SETTING, { harmless: only(0) }),
  warned(`${CONFIG}.candidateCount`, 'the Responses dialect gives one answer', { harmless: only(1) }),
  mapped(`${CONFIG}.responseLogprobs`, '`include`: `message.output_text.logprobs`', MODEL_TAKES),
  mapped(`${CONFIG}.logprobs`, '`top_logprobs`', MODEL_TAKES),
  mapped(`${CONFIG}.thinkingConfig.thinkingLevel`, '`reasoning.effort`', {
    unless: 'the model is known not to think',
  }),
  mapped(
    `${CONFIG}.thinkingConfig.thinkingBudget`,
    '`reasoning.effort`: to 2048 low, to 8192 medium, above high; `none` for 0 where the model is known to take it',
    { unless: 'the model is known not to think' },
  ),
  mapped(`${CONFIG}.thinkingConfig.includeThoughts`, '`reasoning.summary`'),
].flat();

const tools: readonly FieldFate[] = [
  mapped(
    ['name', 'description'].map((name) => `tools[].functionDeclarations[].${name}`),
    'a tool of type `function`',
  ),
  mapped(
    ['parameters', 'parametersJsonSchema'].map((name) => `tools[].functionDeclarations[].${name}`),
    '`parameters`, as JSON Schema',
    { whole: true },
  ),
  googleSearch('a tool of type `web_search`', (field) => warned(field, 'this provider searches all sites or some')),
  mapped('tools[].codeExecution', 'a tool of type `code_interpreter`'),
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
  mapped('labels', '`metadata`', { whole: true }),
  mapped('serviceTier', '`service_tier`: `standard` is `default`'),
].flat();

/** What a Gemini request says, and what of it a Responses provider is told. */
export const geminiRequestToResponses: readonly FieldFate[] = [
  ...contents,
  ...answerForm,
  ...tools,
  ...handling,
  ...geminiRequest,
];
