import type {
  ConversationMemory,
  EncodedBody,
  EncodeTarget,
  NativeCall,
  OpenFields,
  SealMakers,
  WireDialect,
} from '../../exchange/dialect.ts';
import type { Draft } from '../../kernel/draft.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { type JsonMember, jsonMembers, type Splice, spliced } from '../../kernel/json-members.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import type { Dialect } from '../../protocol/operation.ts';
import { invalidField, isObject, isTokenBound, requestObject } from '../request-object.ts';
import { lastMaker, openItems, type SealReader, withoutForeignThoughts } from './foreign-thoughts.ts';
import { withHistory } from './history.ts';
import { lastItems } from './last-items.ts';
import { measureRequest } from './measure.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What differs between a request for an answer, one for a count of its tokens, and one for a shorter history. */
export interface RequestShape {
  /** An answer has a bound and may be streamed. */
  readonly answers: boolean;
  /** Why no other dialect has such a request. Absent: some have. */
  readonly nativeOnly?: Loss;
}

/** Many times what any vendor's ids have. */
const ID_CHARS_MAX = 1_024;
/** Any of them stands for turns that the request does not hold itself. */
const INSTEAD_OF_INPUT = ['previous_response_id', 'conversation', 'prompt'] as const;

/**
 * A Responses request, read as far as routing and metering need it. Everything
 * else is the provider's business and travels as the bytes that came.
 *
 * @throws `invalid_request` naming the field; `unsupported_parameter` for an answer in the background
 */
export function parseRequest(body: Buffer, dialect: WireDialect, shape: RequestShape): NativeCall {
  const fields = requestObject(body);
  const { model } = fields;
  if (typeof model !== 'string' || model === '') {
    throw invalidField(
      'model',
      model === undefined ? 'You must provide a model parameter.' : "'model' must be a string.",
    );
  }
  checkInput(fields);
  const stream = shape.answers && readStream(fields);
  if (shape.answers) checkForeground(fields);
  const members = jsonMembers(body);
  const call: Draft<NativeCall> = {
    dialect,
    modelAsked: model,
    stream,
    bodyBytes: body.length,
    fields,
    usageWanted: true,
    measure: () => measureRequest(fields, body),
    encode: (target) => encode({ body, members, fields }, shape, target),
  };
  const asked = shape.answers ? fields['max_output_tokens'] : undefined;
  if (isTokenBound(asked)) call.maxOutputTokens = asked;
  const endUser = fields['safety_identifier'] ?? fields['user'];
  if (typeof endUser === 'string') call.endUser = endUser;
  if (shape.nativeOnly !== undefined) call.nativeOnly = shape.nativeOnly;
  call.memory = readMemory(fields);
  call.openFields = (target, dialect) => openFields(fields, target, dialect);
  call.withSeals = (makers) => {
    const sealedBy = lastMaker(fields['input'], makers);
    return {
      ...call,
      ...(sealedBy === undefined ? {} : { sealedBy }),
      encode: (target) => encode({ body, members, fields, makers }, shape, target),
      openFields: (target, dialect) => openFields(fields, target, dialect, makers),
    };
  };
  call.withHistory = (history) => withHistory(call, history, (bytes) => parseRequest(bytes, dialect, shape));
  return call;
}

function openFields(fields: Fields, target: EncodeTarget, dialect: Dialect, makers?: SealMakers): OpenFields {
  const { input } = fields;
  if (!Array.isArray(input)) return { fields, losses: [] };
  const open = openItems(input, readerOf(target, makers), dialect);
  return open.input === input
    ? { fields, losses: [] }
    : { fields: { ...fields, input: open.input }, losses: open.losses };
}

function readerOf({ deployment, refuseSealed }: EncodeTarget, makers: SealMakers | undefined): SealReader {
  return {
    makers,
    ...(deployment === undefined ? {} : { deployment }),
    ...(refuseSealed === undefined ? {} : { refuseSealed }),
  };
}

interface ReadBody {
  readonly body: Buffer;
  readonly members: readonly JsonMember[];
  readonly fields: Fields;
  readonly makers?: SealMakers;
}

function encode({ body, members, fields, makers }: ReadBody, shape: RequestShape, target: EncodeTarget): EncodedBody {
  const splices: Splice[] = [];
  const losses: Loss[] = [];
  const member = (key: string) => members.find((candidate) => candidate.key === key);
  const model = member('model');
  if (model !== undefined && fields['model'] !== target.model) {
    splices.push({ start: model.valueStart, end: model.valueEnd, text: JSON.stringify(target.model) });
  }
  if (target.maxOutputTokens !== undefined) {
    if (!shape.answers) throw unbindable(target.maxOutputTokens);
    splices.push(...bound({ body, members, fields }, target.maxOutputTokens));
  }
  const input = member('input');
  const reader = readerOf(target, makers);
  const thoughts = withoutForeignThoughts({ body, member: input, input: fields['input'] }, reader, losses);
  if (target.keepMessages === undefined || input === undefined) splices.push(...thoughts.splices);
  else {
    const kept = JSON.stringify(lastItems(thoughts.input, target.keepMessages));
    splices.push({ start: input.valueStart, end: input.valueEnd, text: kept });
  }
  return { bytes: spliced(body, splices), usageInjected: false, ...(losses.length === 0 ? {} : { losses }) };
}

/** Sees to it that there is a bound on the output, and that it is not above `tokensMax`. */
function bound({ body, members, fields }: ReadBody, tokensMax: number): Splice[] {
  const present = members.find(({ key }) => key === 'max_output_tokens');
  if (present === undefined) {
    const closing = body.lastIndexOf(0x7d);
    return [{ start: closing, end: closing, text: `,"max_output_tokens":${tokensMax}` }];
  }
  const asked = fields['max_output_tokens'];
  if (isTokenBound(asked) && asked <= tokensMax) return [];
  return [{ start: present.valueStart, end: present.valueEnd, text: String(tokensMax) }];
}

/** What is not an answer has no field that would bound it. */
function unbindable(tokensMax: number): GatewayError {
  return new GatewayError('budget_exceeded', {
    message: `The budget pays for ${tokensMax} output tokens, and nothing bounds what this request makes. Raise the budget, or use a model whose longest answer it pays for.`,
    retry: 'other-target',
  });
}

function checkInput(fields: Fields): void {
  const { input } = fields;
  if (typeof input === 'string' || Array.isArray(input)) return;
  const absent = input === undefined || input === null;
  if (!absent) throw invalidField('input', "'input' must be a string or an array of items.");
  if (INSTEAD_OF_INPUT.every((name) => fields[name] === undefined || fields[name] === null)) {
    throw invalidField('input', "Missing required parameter: 'input'.");
  }
}

function readStream({ stream }: Fields): boolean {
  if (stream === undefined || stream === null) return false;
  if (typeof stream !== 'boolean') throw invalidField('stream', "'stream' must be true or false.");
  return stream;
}

/** Nobody would see when such an answer ends, nor what it used. */
function checkForeground({ background }: Fields): void {
  if (background === undefined || background === null || background === false) return;
  if (background !== true) throw invalidField('background', "'background' must be true or false.");
  throw new GatewayError('unsupported_parameter', {
    message:
      "'background' is not supported here: what an answer in the background uses could not be metered. Leave it out, and stream the answer if it takes long.",
    param: 'background',
  });
}

/** A text is the message of a user. */
function itemsOf(input: unknown): readonly unknown[] {
  if (Array.isArray(input)) return input;
  return typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : [];
}

function readMemory(fields: Fields): ConversationMemory {
  const { store, previous_response_id: previousId, conversation } = fields;
  const memory: Draft<ConversationMemory> = { input: itemsOf(fields['input']) };
  if (store !== undefined && store !== null) {
    if (typeof store !== 'boolean') throw invalidField('store', "'store' must be true or false.");
    memory.store = store;
  }
  if (previousId !== undefined && previousId !== null) {
    if (!isId(previousId)) {
      throw invalidField('previous_response_id', "'previous_response_id' must be a string, the id of an answer.");
    }
    memory.previousId = previousId;
  }
  if (conversation !== undefined && conversation !== null) {
    const id = isObject(conversation) ? conversation['id'] : conversation;
    if (!isId(id)) throw invalidField('conversation', "'conversation' must be an id, or an object with one.");
    memory.conversationId = id;
  }
  if (memory.previousId !== undefined && memory.conversationId !== undefined) {
    throw invalidField(
      'previous_response_id',
      "'previous_response_id' and 'conversation' cannot both be given; send one of them.",
    );
  }
  return memory;
}

/** What could be the id of something that is kept: a store looks for no text with a NUL in it. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= ID_CHARS_MAX && !value.includes('\0');
}
