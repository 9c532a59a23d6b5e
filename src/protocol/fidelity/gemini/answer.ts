import { type FieldFate, mapped, warned } from '../table.ts';

const CANDIDATE = 'candidates[]';
const PARTS = `${CANDIDATE}.content.parts[]`;
const CHUNK = `${CANDIDATE}.groundingMetadata.groundingChunks[]`;
const OF_THE_PROVIDER = 'what a tool of the provider did is not told in this dialect';

/** How a client of another dialect is told what a Gemini provider answers, where they differ. */
export interface AnswerNotes {
  /** Why the rest is lost, as in `an answer of the Messages dialect has no place for it`. */
  readonly noPlace: string;
  readonly candidates: string;
  readonly id: string;
  readonly created: string | undefined;
  readonly finish: string;
  readonly text: string;
  readonly thought: string;
  readonly signature: string;
  /** Pictures; sounds have another place, where they have one. */
  readonly picture: string;
  readonly call: string;
  readonly callId: string;
  readonly citation: string;
  /** Where in the text it is that rests on a page; `undefined` where that is not told. */
  readonly segment: string | undefined;
  /** What the page says there; `undefined` where that is not told. */
  readonly quote: string | undefined;
  readonly logprobs: string | undefined;
  readonly tier: string;
}

function head({ noPlace, id, created, tier }: AnswerNotes): FieldFate[] {
  return [
    mapped('responseId', id),
    mapped('modelVersion', '`model`'),
    created === undefined ? warned('createTime', noPlace) : mapped('createTime', created),
    mapped('usageMetadata.serviceTier', tier, { extra: true }),
    warned(['modelStatus', 'usageMetadata.trafficType', 'usageMetadata.initialPromptTokenCount'], noPlace),
    warned(['promptFeedback.blockReasonMessage', 'promptFeedback.safetyRatings'], noPlace),
  ].flat();
}

function ends({ noPlace, candidates, finish }: AnswerNotes): FieldFate[] {
  return [
    mapped(`${CANDIDATE}.index`, candidates),
    mapped([`${CANDIDATE}.finishReason`, 'promptFeedback.blockReason'], finish),
    warned(
      ['avgLogprobs', 'continuationToken', 'finishMessage', 'safetyRatings', 'tokenCount'].map(
        (name) => `${CANDIDATE}.${name}`,
      ),
      noPlace,
    ),
    warned(`${CANDIDATE}.urlContextMetadata`, OF_THE_PROVIDER),
  ].flat();
}

function parts({ noPlace, text, thought, signature, picture, call, callId }: AnswerNotes): FieldFate[] {
  return [
    mapped(`${CANDIDATE}.content.role`, 'the answer is of the assistant'),
    mapped(`${PARTS}.text`, text),
    mapped(`${PARTS}.thought`, thought),
    mapped(`${PARTS}.thoughtSignature`, signature),
    mapped([`${PARTS}.inlineData.data`, `${PARTS}.inlineData.mimeType`], picture),
    mapped([`${PARTS}.functionCall.name`, `${PARTS}.functionCall.args`], call, { whole: true }),
    mapped(`${PARTS}.functionCall.id`, `${callId}; one is made up where there is none`),
    mapped([`${PARTS}.functionCall.partialArgs`, `${PARTS}.functionCall.willContinue`], 'the call is told whole', {
      whole: true,
    }),
    warned(
      ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'].map((name) => `${PARTS}.${name}`),
      OF_THE_PROVIDER,
    ),
    warned(
      [
        'audioTranscription',
        'fileData',
        'functionResponse',
        'mediaProcessing',
        'mediaResolution',
        'partMetadata',
        'speechMetadata',
        'videoMetadata',
        'inlineData.displayName',
      ].map((name) => `${PARTS}.${name}`),
      noPlace,
    ),
  ].flat();
}

function grounds({ noPlace, citation, segment, quote }: AnswerNotes): FieldFate[] {
  const support = `${CANDIDATE}.groundingMetadata.groundingSupports[]`;
  const recited = `${CANDIDATE}.citationMetadata.citations[]`;
  const places = ['startIndex', 'endIndex'].flatMap((name) => [`${support}.segment.${name}`, `${recited}.${name}`]);
  return [
    mapped(
      ['web', 'maps', 'retrievedContext'].flatMap((form) => [`${CHUNK}.${form}.uri`, `${CHUNK}.${form}.title`]),
      citation,
    ),
    mapped([`${CHUNK}.image.sourceUri`, `${CHUNK}.image.title`], citation),
    mapped([`${recited}.uri`, `${recited}.title`], citation),
    mapped([`${support}.groundingChunkIndices`, `${support}.segment.partIndex`], 'says what it is that rests on it'),
    mapped(`${support}.segment.text`, 'the text itself says it'),
    segment === undefined ? mapped(places, 'the citation is of the whole text') : mapped(places, segment),
    ...['maps', 'retrievedContext'].map((form) =>
      quote === undefined ? warned(`${CHUNK}.${form}.text`, noPlace) : mapped(`${CHUNK}.${form}.text`, quote),
    ),
    warned([`${support}.confidenceScores`, `${support}.renderedParts`], noPlace),
    warned([`${recited}.license`, `${recited}.publicationDate`], noPlace),
    warned([`${CHUNK}.web.domain`, `${CHUNK}.image.domain`, `${CHUNK}.image.imageUri`], noPlace),
    warned(
      ['placeAnswerSources', 'placeId', 'route'].map((name) => `${CHUNK}.maps.${name}`),
      noPlace,
    ),
    warned(
      ['customMetadata', 'documentName', 'fileSearchStore', 'mediaId', 'pageNumber', 'ragChunk'].map(
        (name) => `${CHUNK}.retrievedContext.${name}`,
      ),
      noPlace,
    ),
    warned(
      [
        'googleMapsWidgetContextToken',
        'imageSearchQueries',
        'retrievalMetadata',
        'retrievalQueries',
        'searchEntryPoint',
        'sourceFlaggingUris',
        'webSearchQueries',
      ].map((name) => `${CANDIDATE}.groundingMetadata.${name}`),
      noPlace,
    ),
  ].flat();
}

function probabilities({ noPlace, logprobs }: AnswerNotes): FieldFate[] {
  const result = `${CANDIDATE}.logprobsResult`;
  if (logprobs === undefined) return warned(result, noPlace);
  const tokens = [`${result}.chosenCandidates[]`, `${result}.topCandidates[].candidates[]`];
  return [
    mapped(
      tokens.flatMap((token) => [`${token}.token`, `${token}.logProbability`]),
      logprobs,
    ),
    warned([`${result}.logProbabilitySum`, ...tokens.map((token) => `${token}.tokenId`)], noPlace),
  ].flat();
}

/**
 * What a Gemini provider answers, and what of it a client of another dialect is
 * told. Each event of a stream is an answer of this form, so each place stands
 * twice.
 *
 * @param usage the rows of `usageMetadata` beside those that are the same for all
 */
export function geminiAnswer(notes: AnswerNotes, usage: readonly FieldFate[]): FieldFate[] {
  const rows = [head, ends, parts, grounds, probabilities].flatMap((each) => each(notes)).concat(usage);
  return [...rows, ...rows.map((row) => ({ ...row, field: `stream.${row.field}` }))];
}
