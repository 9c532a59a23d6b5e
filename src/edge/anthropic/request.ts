import type { EncodedBody, EncodeTarget, NativeCall, WireDialect } from '../../exchange/dialect.ts';
import { jsonMembers, type Splice, spliced } from '../../kernel/json-members.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { invalidField, isObject, isTokenBound, requestObject } from '../request-object.ts';
import { lastMessages } from './last-messages.ts';
import { measureRequest } from './measure.ts';
import type { ReadBody } from './read-body.ts';
import { withinBound } from './thinking-bound.ts';
import { withoutUnsignedThoughts } from './unsigned-thoughts.ts';

/** What differs between a request for an answer and one for a count of its tokens. */
export interface RequestShape {
  /** An answer has a bound and may be streamed; a count has neither. */
  readonly answers: boolean;
}

/**
 * A Messages request, read as far as routing and metering need it. Everything
 * else is the provider's business and travels as the bytes that came.
 *
 * @throws `invalid_request` in the words of Anthropic's own API, naming the field
 */
export function parseRequest(body: Buffer, dialect: WireDialect, shape: RequestShape): NativeCall {
  const fields = requestObject(body);
  const { model, messages, metadata } = fields;
  if (model === undefined) throw missing('model');
  if (typeof model !== 'string' || model === '') throw wrong('model', 'a valid string');
  if (messages === undefined) throw missing('messages');
  if (!Array.isArray(messages)) throw wrong('messages', 'a valid list');
  const maxOutputTokens = shape.answers ? outputBound(fields) : undefined;
  const stream = shape.answers && readStream(fields);
  const members = jsonMembers(body);
  const endUser = isObject(metadata) ? metadata['user_id'] : undefined;
  return {
    dialect,
    modelAsked: model,
    stream,
    bodyBytes: body.length,
    fields,
    usageWanted: true,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    measure: () => measureRequest(fields, body),
    ...(typeof endUser === 'string' ? { endUser } : {}),
    encode: (target) => encode({ body, members, fields }, target),
  };
}

function encode(read: ReadBody, target: EncodeTarget): EncodedBody {
  const { body, fields } = read;
  const member = (key: string) => read.members.find((candidate) => candidate.key === key);
  const splices: Splice[] = [];
  const losses: Loss[] = [];
  const model = member('model');
  if (model !== undefined && fields['model'] !== target.model) {
    splices.push({ start: model.valueStart, end: model.valueEnd, text: JSON.stringify(target.model) });
  }
  if (target.maxOutputTokens !== undefined) splices.push(...withinBound(read, target.maxOutputTokens, losses));
  const thoughts = withoutUnsignedThoughts(read, losses);
  const messages = target.keepMessages === undefined ? undefined : member('messages');
  if (messages !== undefined) {
    const kept = JSON.stringify(lastMessages(thoughts.messages(), target.keepMessages ?? 0));
    splices.push({ start: messages.valueStart, end: messages.valueEnd, text: kept });
  } else splices.push(...thoughts.splices);
  if (thoughts.thinkingOff !== undefined && !splices.some(({ start }) => start === thoughts.thinkingOff?.start)) {
    splices.push(thoughts.thinkingOff);
  }
  return { bytes: spliced(body, splices), usageInjected: false, ...(losses.length === 0 ? {} : { losses }) };
}

function outputBound(fields: Readonly<Record<string, unknown>>): number {
  const asked = fields['max_tokens'];
  if (asked === undefined) throw missing('max_tokens');
  if (!isTokenBound(asked)) throw wrong('max_tokens', 'a valid integer');
  return asked;
}

function readStream({ stream }: Readonly<Record<string, unknown>>): boolean {
  if (stream === undefined || stream === null) return false;
  if (typeof stream !== 'boolean') throw wrong('stream', 'a valid boolean');
  return stream;
}

function missing(field: string) {
  return invalidField(field, `${field}: Field required`);
}

function wrong(field: string, wanted: string) {
  return invalidField(field, `${field}: Input should be ${wanted}`);
}
