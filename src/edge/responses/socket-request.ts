import { GatewayError } from '../../kernel/errors.ts';
import { jsonMembers, type Splice, spliced } from '../../kernel/json-members.ts';
import { invalidField, requestObject } from '../request-object.ts';

/** A message of a client's that asks for an answer. */
export interface CreateMessage {
  /** The request as `POST /v1/responses` would have it, streamed; not another byte is changed. */
  readonly body: Buffer;
  /** To be repeated in each event of the answer. */
  readonly streamId: string | undefined;
  /** False: the turn is only to be remembered, and no model is asked. */
  readonly generate: boolean;
}

const STREAM_ID_CHARS_MAX = 256;
/** What such a message has, and a request has not. A message is always streamed. */
const ENVELOPE: ReadonlySet<string> = new Set(['type', 'stream', 'stream_id', 'generate']);
const COMMA = 0x2c;
const QUOTE = 0x22;

/**
 * Reads `{"type":"response.create", …}`.
 *
 * @throws `invalid_request` for anything else
 */
export function createMessage(message: Buffer, isBinary: boolean): CreateMessage {
  if (isBinary) throw invalidField(undefined, 'A message must be text: one JSON object.');
  const fields = requestObject(message);
  const { type, stream_id: streamId, generate } = fields;
  if (type !== 'response.create') throw unknownType(type);
  if (streamId !== undefined && (typeof streamId !== 'string' || streamId.length > STREAM_ID_CHARS_MAX)) {
    throw invalidField('stream_id', `'stream_id' must be a string of at most ${STREAM_ID_CHARS_MAX} characters.`);
  }
  if (generate !== undefined && typeof generate !== 'boolean') {
    throw invalidField('generate', "'generate' must be true or false.");
  }
  return { body: requestIn(message), streamId, generate: generate !== false };
}

/** What the message says of which lane it belongs to, also where nothing else in it can be read. */
export function streamIdIn(message: Buffer): string | undefined {
  const found = /"stream_id"\s*:\s*("(?:[^"\\]|\\.){0,256}")/.exec(message.subarray(0, 4_096).toString('utf8'));
  if (found?.[1] === undefined) return undefined;
  try {
    return String(JSON.parse(found[1]));
  } catch {
    // What is no JSON is no name either; the message's own error says what is wrong.
    return undefined;
  }
}

/**
 * `stream` takes the place of `type`, which is always there; the rest of the
 * envelope is cut out, each member with the comma that stands between it and `type`.
 */
function requestIn(message: Buffer): Buffer {
  const splices: Splice[] = [];
  let typeSeen = false;
  for (const { key, valueStart, valueEnd } of jsonMembers(message)) {
    if (!ENVELOPE.has(key)) continue;
    const start = keyStartBefore(message, valueStart);
    if (key === 'type') {
      typeSeen = true;
      splices.push({ start, end: valueEnd, text: '"stream":true' });
    } else if (typeSeen) splices.push({ start: message.lastIndexOf(COMMA, start), end: valueEnd, text: '' });
    else splices.push({ start, end: message.indexOf(COMMA, valueEnd) + 1, text: '' });
  }
  return spliced(message, splices);
}

/** Keys of the envelope hold no quote. */
function keyStartBefore(message: Buffer, valueStart: number): number {
  const closing = message.lastIndexOf(QUOTE, valueStart - 1);
  return message.lastIndexOf(QUOTE, closing - 1);
}

function unknownType(type: unknown): GatewayError {
  const named = typeof type === 'string' ? `'${type.slice(0, 64)}'` : 'without a type';
  return new GatewayError('invalid_request', {
    message: `A message ${named} is not known here; send 'response.create'.`,
    param: 'type',
  });
}
