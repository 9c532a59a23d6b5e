import { nothingInIt, only } from '../harmless.ts';
import { type FieldFate, mapped, refused, warned } from '../table.ts';
import { noFilters, textAlone } from './harmless.ts';
import { geminiContents } from './request-contents.ts';

const CONFIG = 'generationConfig';
const NO_SETTING = 'this provider has no such setting';
const NOT_RUN = 'this provider does not run this tool';

const handling: readonly FieldFate[] = [
  mapped('model', 'the path names it', { extra: true }),
  refused('cachedContent', 'it lies at another provider'),
  warned('safetySettings', "they are of Google's own filters", { harmless: noFilters }),
  refused('modelArmorConfig', 'this provider has no such guard'),
  refused('continuationToken', 'the answer that it goes on with lies at another provider'),
  refused('outputConfig', 'answers are given to the client alone'),
  warned('store', 'this provider stores no answers', { extra: true, harmless: only(false) }),
].flat();

const answerForm: readonly FieldFate[] = [
  refused(`${CONFIG}.responseModalities`, 'models of this dialect answer a Gemini client in text', {
    harmless: textAlone,
  }),
  refused(`${CONFIG}.speechConfig`, "this provider has none of Google's voices", { harmless: nothingInIt }),
  warned(`${CONFIG}.responseFormat`, 'say it in responseMimeType and responseJsonSchema'),
  warned(
    ['imageConfig', 'mediaResolution', 'audioTimestamp', 'audioTranscriptionConfig', 'translationConfig'].map(
      (name) => `${CONFIG}.${name}`,
    ),
    NO_SETTING,
  ),
  warned(
    ['enableAffectiveDialog', 'enableEnhancedCivicAnswers'].map((name) => `${CONFIG}.${name}`),
    NO_SETTING,
    { harmless: only(false) },
  ),
  warned(
    [`${CONFIG}.routingConfig`, `${CONFIG}.modelConfig`],
    'where a call goes is said by the routes of this gateway',
  ),
].flat();

const FUNCTION = 'tools[].functionDeclarations[]';

const tools: readonly FieldFate[] = [
  warned(
    [`${FUNCTION}.response`, `${FUNCTION}.responseJsonSchema`],
    'only what a tool takes is told, and not what it gives',
  ),
  warned(`${FUNCTION}.behavior`, 'the model waits for what it calls', { harmless: only('BLOCKING', 'UNSPECIFIED') }),
  refused(
    [
      'computerUse',
      'enterpriseWebSearch',
      'exaAiSearch',
      'fileSearch',
      'googleMaps',
      'mcpServers',
      'parallelAiSearch',
      'retrieval',
      'urlContext',
    ].map((name) => `tools[].${name}`),
    NOT_RUN,
  ),
  refused('tools[].*', 'a tool of this kind is not known to this gateway'),
  warned('toolConfig.functionCallingConfig.streamFunctionCallArguments', 'calls are told whole', {
    harmless: only(false),
  }),
  warned('toolConfig.retrievalConfig', NO_SETTING, { harmless: nothingInIt }),
  warned('toolConfig.includeServerSideToolInvocations', 'what a tool of the provider did is not told in this dialect', {
    harmless: only(false),
  }),
].flat();

/** What a Gemini request says that has the same fate at each provider of another dialect. */
export const geminiRequest: readonly FieldFate[] = [...geminiContents, ...handling, ...answerForm, ...tools];

/** Google's search of the web, at a provider that searches it itself. */
export function googleSearch(tool: string, excludeDomains: (field: string) => FieldFate[]): FieldFate[] {
  return [
    mapped(['tools[].googleSearch', 'tools[].googleSearchRetrieval'], tool),
    excludeDomains('tools[].googleSearch.excludeDomains'),
    warned(
      ['blockingConfidence', 'searchTypes', 'timeRangeFilter'].map((name) => `tools[].googleSearch.${name}`),
      NO_SETTING,
    ),
    warned('tools[].googleSearchRetrieval.dynamicRetrievalConfig', NO_SETTING),
  ].flat();
}
