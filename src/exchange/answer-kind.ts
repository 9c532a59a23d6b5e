/** What a response head announces, for a call that asked for a stream or did not. */
export type AnswerKind =
  | { readonly kind: 'error' | 'answer' | 'stream' | 'sniff' }
  /** Nothing we can use; `what` completes "The provider answered with …". */
  | { readonly kind: 'unusable'; readonly what: string };

/**
 * Says how a body is to be read, from its head alone. A stream that does not
 * call itself one is left to its first visible byte (`sniff`).
 */
export function answerKind(
  status: number,
  contentType: string,
  contentEncoding: string | undefined,
  streamAsked: boolean,
): AnswerKind {
  if (contentEncoding !== undefined && contentEncoding !== 'identity') {
    return unusable(`content-encoding ${contentEncoding} though identity was asked`);
  }
  if (status >= 400) return { kind: 'error' };
  if (status < 200 || status >= 300) return unusable(`status ${status}; redirects are not followed`);
  if (contentType.startsWith('text/html')) return unusable('an HTML page');
  const isStream = contentType.startsWith('text/event-stream');
  if (!streamAsked) return isStream ? unusable('a stream though none was asked for') : { kind: 'answer' };
  if (isStream) return { kind: 'stream' };
  // JSON for a stream is an error by shape, or an answer no SDK would read as a stream.
  return { kind: contentType.startsWith('application/json') ? 'answer' : 'sniff' };
}

/** What the first bytes of a body show it to be; `undefined` while they are only white space. */
export function sniffedKind(chunk: Buffer): 'answer' | 'stream' | 'html' | undefined {
  const first = chunk.toString('latin1').trimStart().charAt(0);
  if (first === '') return undefined;
  if (first === '<') return 'html';
  return first === '{' || first === '[' ? 'answer' : 'stream';
}

function unusable(what: string): AnswerKind {
  return { kind: 'unusable', what };
}
