import type { AnswerFacts, NativeCall, RequestMeasure, RequestTarget, WireDialect } from '../../exchange/dialect.ts';
import { type JsonMember, jsonElements, jsonMembers, type Splice, spliced } from '../../kernel/json-members.ts';
import { readGeminiUsage } from '../../providers/gemini/usage.ts';
import { invalidField, isObject, requestObject } from '../request-object.ts';
import { modelOf } from './address.ts';
import { answerObject, errorInside } from './answer.ts';
import { withCamelNames } from './field-names.ts';
import { measureRequest } from './measure.ts';
import { promptOf } from './prompt-text.ts';
import { memberOf } from './request.ts';

type JsonObject = Readonly<Record<string, unknown>>;
type Place = Omit<JsonMember, 'key'>;

/**
 * `:embedContent` has one content, `:batchEmbedContents` a list of such
 * requests. Each may name its model, and must then name that of the path.
 *
 * @throws `invalid_request` naming the field
 */
export function parseEmbed(
  body: Buffer,
  target: RequestTarget | undefined,
  dialect: WireDialect,
  batch: boolean,
): NativeCall {
  const modelAsked = modelOf(target);
  const given = requestObject(body);
  jsonMembers(body);
  const fields = withCamelNames(given);
  const asked = batch ? requestsOf(fields) : [fields];
  for (const [at, request] of asked.entries()) {
    if (!isObject(request['content'])) {
      throw invalidField(
        batch ? `requests[${at}].content` : 'content',
        'EmbedContentRequest.content: content is not specified',
      );
    }
  }
  const contents = asked.map(({ content }) => content);
  return {
    dialect,
    modelAsked,
    stream: false,
    bodyBytes: body.length,
    fields,
    usageWanted: true,
    measure: () => measureOf(contents, body),
    encode: ({ model }) => ({ bytes: spliced(body, renamed(body, batch, model)), usageInjected: false }),
  };
}

function requestsOf({ requests }: JsonObject): readonly JsonObject[] {
  if (Array.isArray(requests) && requests.length > 0 && requests.every(isObject)) return requests;
  throw invalidField('requests', 'BatchEmbedContentsRequest.requests: must be a list with at least one request.');
}

function measureOf(contents: readonly unknown[], body: Buffer): RequestMeasure {
  return { ...measureRequest({ contents }, body), prompt: () => ({ ...promptOf({ contents }), otherTokens: 0 }) };
}

function renamed(body: Buffer, batch: boolean, model: string): Splice[] {
  const whole: Place = { valueStart: 0, valueEnd: body.length };
  const list = batch ? jsonMembers(body).find(({ key }) => key === 'requests') : undefined;
  const places = list === undefined ? [whole] : inside(body, list, jsonElements);
  return places.flatMap((place): Splice[] => {
    const name = memberOf({ members: inside(body, place, jsonMembers) }, 'model');
    return name === undefined
      ? []
      : [{ start: name.valueStart, end: name.valueEnd, text: JSON.stringify(`models/${model}`) }];
  });
}

function inside<P extends Place>(body: Buffer, { valueStart, valueEnd }: Place, find: (bytes: Buffer) => P[]): P[] {
  return find(body.subarray(valueStart, valueEnd)).map((place) => ({
    ...place,
    valueStart: place.valueStart + valueStart,
    valueEnd: place.valueEnd + valueStart,
  }));
}

/** Google counts what is embedded for some models alone. @throws `upstream_error` when the body is no JSON object */
export function readEmbedAnswer(body: Buffer): AnswerFacts {
  const fields = answerObject(body);
  if (isObject(fields['error'])) return { error: errorInside(fields['error']) };
  const counted = readGeminiUsage(fields['usageMetadata']);
  // An embedding has no output: what a provider counts is what it read.
  return counted?.inputTokens === undefined ? {} : { usage: { inputTokens: counted.inputTokens } };
}
