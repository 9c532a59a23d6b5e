import type { EncodedBody, EncodeTarget, MaxTokensField, NativeCall, WireDialect } from '../../exchange/dialect.ts';
import { type JsonMember, jsonMembers, type Splice, spliced } from '../../kernel/json-members.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { invalidField, isObject, isTokenBound, requestObject } from '../request-object.ts';
import { foreignTurns } from './foreign-turns.ts';
import { lastMessages } from './last-messages.ts';
import { measureRequest } from './measure.ts';

/** What differs between the three OpenAI request bodies. */
export interface RequestShape {
  /** The field that must be there beside `model`, and what it must be. */
  readonly required: { readonly field: string; readonly kind: 'array' | 'present' };
  readonly streams: boolean;
  /** The only name that a bound on the output has here. Absent: what the provider wants. */
  readonly bound?: MaxTokensField;
}

/**
 * An OpenAI request, read as far as routing and metering need it. Everything
 * else is the provider's business and travels as the bytes that came.
 *
 * @throws `invalid_request` naming the field
 */
export function parseRequest(body: Buffer, dialect: WireDialect, shape: RequestShape): NativeCall {
  const fields = requestObject(body);
  const model = fields['model'];
  if (typeof model !== 'string' || model === '') {
    throw invalidField(
      'model',
      model === undefined ? 'You must provide a model parameter.' : "'model' must be a string.",
    );
  }
  checkRequired(fields, shape);
  const stream = readStream(fields, shape);
  const members = jsonMembers(body);
  const wantsUsage = stream && readStreamOptions(fields)?.['include_usage'] === true;
  const maxOutputTokens = readMaxOutputTokens(fields);
  const user = fields['user'];
  return {
    dialect,
    modelAsked: model,
    stream,
    bodyBytes: body.length,
    fields,
    usageWanted: wantsUsage,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    measure: () => measureRequest(fields, body),
    ...(typeof user === 'string' ? { endUser: user } : {}),
    encode: (target) =>
      encode(body, members, { model, inject: stream && !wantsUsage, fields, bound: shape.bound }, target),
  };
}

interface EncodeFacts {
  readonly model: string;
  readonly inject: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly bound: MaxTokensField | undefined;
}

function encode(body: Buffer, members: readonly JsonMember[], facts: EncodeFacts, target: EncodeTarget): EncodedBody {
  const splices: Splice[] = [];
  const member = (key: string) => members.find((candidate) => candidate.key === key);
  const model = member('model');
  if (model !== undefined && facts.model !== target.model) {
    splices.push({ start: model.valueStart, end: model.valueEnd, text: JSON.stringify(target.model) });
  }
  if (target.maxOutputTokens !== undefined) {
    splices.push(
      ...outputBound(
        { members, body, fields: facts.fields, field: facts.bound ?? target.maxTokensField },
        target.maxOutputTokens,
      ),
    );
  }
  const losses: Loss[] = [];
  const messages = member('messages');
  const own = foreignTurns({ body, member: messages, fields: facts.fields }, target, losses);
  if (target.keepMessages === undefined || messages === undefined) splices.push(...own.splices);
  else {
    const kept = JSON.stringify(lastMessages(own.messages, target.keepMessages));
    splices.push({ start: messages.valueStart, end: messages.valueEnd, text: kept });
  }
  const usageInjected = facts.inject && target.streamUsageOption;
  if (usageInjected) {
    const options = JSON.stringify({ ...streamOptions(facts.fields), include_usage: true });
    const present = member('stream_options');
    const closing = body.lastIndexOf(0x7d);
    splices.push(
      present === undefined
        ? { start: closing, end: closing, text: `,"stream_options":${options}` }
        : { start: present.valueStart, end: present.valueEnd, text: options },
    );
  }
  return { bytes: spliced(body, splices), usageInjected, ...(losses.length === 0 ? {} : { losses }) };
}

interface Bounded {
  readonly body: Buffer;
  readonly members: readonly JsonMember[];
  readonly fields: Readonly<Record<string, unknown>>;
  /** As the provider wants it. */
  readonly field: MaxTokensField;
}

/**
 * Sees to it that no bound in the request is above `tokensMax`, and that one is
 * there that the provider knows: the newer name is strange to many, who would
 * ignore it; the older one is known to all but those who refuse it.
 */
function outputBound({ members, body, fields, field }: Bounded, tokensMax: number): Splice[] {
  const text = String(tokensMax);
  const present = members.filter(({ key }) => key === 'max_tokens' || key === 'max_completion_tokens');
  if (present.length === 0) {
    const closing = body.lastIndexOf(0x7d);
    return [{ start: closing, end: closing, text: `,"${field}":${text}` }];
  }
  const splices: Splice[] = [];
  for (const { key, valueStart, valueEnd } of present) {
    const asked = fields[key];
    if (!isTokenBound(asked) || asked > tokensMax) splices.push({ start: valueStart, end: valueEnd, text });
  }
  const [only] = present;
  if (present.length === 1 && only?.key === 'max_completion_tokens' && field === 'max_tokens') {
    splices.push(...renamed(body, only, field));
  }
  return splices;
}

/** A key that is written with escapes keeps its name: nobody's library does that. */
function renamed(body: Buffer, { key, valueStart }: JsonMember, name: string): Splice[] {
  const written = JSON.stringify(key);
  const start = body.lastIndexOf(written, valueStart);
  const end = start + written.length;
  const isKey = start >= 0 && /^\s*:\s*$/.test(body.toString('latin1', end, valueStart));
  return isKey ? [{ start, end, text: JSON.stringify(name) }] : [];
}

function checkRequired(fields: Record<string, unknown>, shape: RequestShape): void {
  const { field, kind } = shape.required;
  const value = fields[field];
  if (value === undefined || value === null) throw invalidField(field, `Missing required parameter: '${field}'.`);
  if (kind === 'array' && !Array.isArray(value)) throw invalidField(field, `'${field}' must be an array.`);
}

function readStream(fields: Record<string, unknown>, shape: RequestShape): boolean {
  const stream = fields['stream'];
  if (stream === undefined || stream === null) return false;
  if (typeof stream !== 'boolean') throw invalidField('stream', "'stream' must be true or false.");
  return stream && shape.streams;
}

/** What is not understood here cannot be amended: the provider's own refusal would be lost if it were replaced. */
function readStreamOptions(fields: Record<string, unknown>): Record<string, unknown> | undefined {
  const given = fields['stream_options'];
  if (given !== undefined && given !== null && !isObject(given)) {
    throw invalidField('stream_options', "'stream_options' must be an object.");
  }
  const options = streamOptions(fields);
  const include = options?.['include_usage'];
  if (include !== undefined && include !== null && typeof include !== 'boolean') {
    throw invalidField('stream_options.include_usage', "'stream_options.include_usage' must be true or false.");
  }
  return options;
}

function streamOptions(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const options = fields['stream_options'];
  return isObject(options) ? options : undefined;
}

function readMaxOutputTokens(fields: Record<string, unknown>): number | undefined {
  const asked = [fields['max_completion_tokens'], fields['max_tokens']].filter(isTokenBound);
  // Which of two a provider obeys, it alone knows.
  return asked.length === 0 ? undefined : Math.max(...asked);
}
