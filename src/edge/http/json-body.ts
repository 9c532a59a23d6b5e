import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../../kernel/errors.ts';
import { checkJsonBounds } from '../../kernel/json-bounds.ts';
import { jsonErrorAt, lineAndColumn } from '../../kernel/json-error.ts';
import type { BodyReceiver } from './body.ts';
import type { RouteContext } from './routes.ts';

/** Many times what the largest question needs; calls may be larger. */
const BODY_BYTES_MAX = 64 * 1024;

/**
 * The JSON that came with a request, whatever type it says it has; `undefined` for none at all.
 *
 * @param taker who takes no more than that, for the message
 * @throws `invalid_request`, `payload_too_large`, and what receiving it throws
 */
export async function readJson(
  context: RouteContext,
  bodies: BodyReceiver,
  taker: string,
  bytesMax = BODY_BYTES_MAX,
): Promise<unknown> {
  if (Number(context.req.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(taker, bytesMax);
  await using body = await bodies.receive(context);
  if (body.byteLength > bytesMax) throw tooLarge(taker, bytesMax);
  const bytes = await body.bytes();
  if (!isUtf8(bytes)) {
    throw new GatewayError('invalid_request', { message: 'The request body is not valid UTF-8.' });
  }
  checkJsonBounds(bytes, 0);
  const text = bytes.toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { line, column } = lineAndColumn(text, jsonErrorAt(text) ?? 0);
    throw new GatewayError('invalid_request', {
      message: `The request body is not valid JSON: see line ${line}, column ${column}.`,
      cause,
    });
  }
}

function tooLarge(taker: string, bytesMax: number): GatewayError {
  return new GatewayError('payload_too_large', {
    message: `The request body is larger than the ${bytesMax} bytes that ${taker} takes.`,
  });
}
