import type { EncodedBody, EncodeTarget, NativeCall, RequestTarget, WireDialect } from '../../exchange/dialect.ts';
import type { Draft } from '../../kernel/draft.ts';
import { type JsonMember, jsonMembers, type Splice, spliced } from '../../kernel/json-members.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { invalidField, isObject, isTokenBound, requestObject } from '../request-object.ts';
import { modelOf } from './address.ts';
import { withCamelNames } from './field-names.ts';
import { lastContents } from './last-contents.ts';
import { withoutMarkedSignatures, withoutMarks } from './marked-signatures.ts';
import { measureRequest } from './measure.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A request's bytes, where its members stand in them, and what they say by their names in camel case. */
interface ReadBody {
  readonly body: Buffer;
  readonly members: readonly JsonMember[];
  readonly fields: JsonObject;
}

/** How the answer is asked for, which the path and the query say. */
export type RequestShape = Pick<NativeCall, 'stream' | 'upstreamPath' | 'streamContentType'>;

/**
 * A `generateContent` request, read as far as routing and metering need it.
 * Everything else is the provider's business and travels as the bytes that came.
 *
 * @throws `invalid_request` naming the field
 */
export function parseRequest(
  body: Buffer,
  target: RequestTarget | undefined,
  dialect: WireDialect,
  shape: RequestShape,
): NativeCall {
  const modelAsked = modelOf(target);
  const given = requestObject(body);
  // Also sees to it that nothing is nested deeper than can be walked along.
  const members = jsonMembers(body);
  const fields = withCamelNames(given);
  checkContents(fields);
  const maxOutputTokens = outputBound(fields);
  const call: Draft<NativeCall> = {
    dialect,
    modelAsked,
    ...shape,
    bodyBytes: body.length,
    fields,
    usageWanted: true,
    measure: () => measureRequest(fields, body),
    encode: (to) => encode({ body, members, fields }, to, fields !== given),
  };
  if (maxOutputTokens !== undefined) call.maxOutputTokens = maxOutputTokens;
  return call;
}

function checkContents({ contents }: JsonObject): void {
  if (contents === undefined || contents === null) {
    throw invalidField('contents', 'GenerateContentRequest.contents: contents is not specified');
  }
  if (!Array.isArray(contents)) {
    throw invalidField('contents', "Invalid value at 'contents': must be a list of contents.");
  }
}

/** @param renamed the fields go by other names than in the bytes */
function encode(given: ReadBody, target: EncodeTarget, renamed: boolean): EncodedBody {
  // Whoever cuts a request short may read on in it, by the names that this gateway knows.
  const read = renamed && target.keepMessages !== undefined ? rewritten(given.fields) : given;
  const { body, fields } = read;
  const splices: Splice[] = [...namedModel(read, target.model)];
  const losses: Loss[] = [];
  if (target.maxOutputTokens !== undefined) splices.push(...withinBound(read, target.maxOutputTokens));
  const contents = memberOf(read, 'contents');
  const marks = withoutMarkedSignatures(body, contents, fields['contents'], losses);
  if (contents === undefined || target.keepMessages === undefined) splices.push(...marks);
  else {
    const kept = JSON.stringify(lastContents(withoutMarks(fields['contents']), target.keepMessages));
    splices.push({ start: contents.valueStart, end: contents.valueEnd, text: kept });
  }
  return { bytes: spliced(body, splices), usageInjected: false, ...(losses.length === 0 ? {} : { losses }) };
}

function rewritten(fields: JsonObject): ReadBody {
  const body = Buffer.from(JSON.stringify(fields));
  return { body, members: jsonMembers(body), fields };
}

/** By its name in camel case, or as Google's protocol has it. */
export function memberOf({ members }: Pick<ReadBody, 'members'>, name: string): JsonMember | undefined {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return members.find(({ key }) => key === name) ?? members.find(({ key }) => key === snake);
}

/** The path names the model; where the body does too, it must be the same. */
function namedModel(read: ReadBody, model: string): Splice[] {
  const member = memberOf(read, 'model');
  const said = read.fields['model'];
  if (member === undefined || said === null || said === model || said === `models/${model}`) return [];
  return [{ start: member.valueStart, end: member.valueEnd, text: JSON.stringify(`models/${model}`) }];
}

function withinBound(read: ReadBody, tokensMax: number): Splice[] {
  const { body, members, fields } = read;
  const asked = outputBound(fields);
  if (asked !== undefined && asked <= tokensMax) return [];
  const text = `"maxOutputTokens":${tokensMax}`;
  const config = memberOf(read, 'generationConfig');
  if (config === undefined) {
    const closing = body.lastIndexOf(0x7d);
    return [{ start: closing, end: closing, text: `${members.length === 0 ? '' : ','}"generationConfig":{${text}}` }];
  }
  const { valueStart, valueEnd } = config;
  if (!isObject(fields['generationConfig'])) return [{ start: valueStart, end: valueEnd, text: `{${text}}` }];
  const inner = jsonMembers(body.subarray(valueStart, valueEnd));
  const bound = memberOf({ members: inner }, 'maxOutputTokens');
  if (bound !== undefined) {
    return [{ start: valueStart + bound.valueStart, end: valueStart + bound.valueEnd, text: String(tokensMax) }];
  }
  return [{ start: valueEnd - 1, end: valueEnd - 1, text: `${inner.length === 0 ? '' : ','}${text}` }];
}

/** Google takes a whole number as text too. @throws `invalid_request` for what is none */
function outputBound({ generationConfig: config }: JsonObject): number | undefined {
  const asked = isObject(config) ? config['maxOutputTokens'] : undefined;
  if (asked === undefined || asked === null) return undefined;
  const bound = typeof asked === 'string' && /^\d{1,15}$/.test(asked) ? Number(asked) : asked;
  if (isTokenBound(bound)) return bound;
  throw invalidField(
    'generationConfig.maxOutputTokens',
    "Invalid value at 'generation_config.max_output_tokens': must be a whole number of tokens.",
  );
}
