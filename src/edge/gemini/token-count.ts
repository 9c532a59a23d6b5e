import { isObject } from '../request-object.ts';

/** The count in an answer of `:countTokens`; `undefined` where there is none. */
export function tokenCountIn(body: Buffer): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    // What is not JSON holds no count, and that is all that is asked.
    return undefined;
  }
  const tokens = isObject(value) ? value['totalTokens'] : undefined;
  return typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : undefined;
}

export function tokenCountBody(tokens: number): Buffer {
  return Buffer.from(JSON.stringify({ totalTokens: tokens }));
}
