import type { Draft, Voice } from '../script.ts';
import type { Fault } from './rules.ts';

const HTML_PAGE = `<!DOCTYPE html>
<html>
<head><title>502 Bad Gateway</title></head>
<body>
<center><h1>502 Bad Gateway</h1></center>
<hr><center>nginx</center>
</body>
</html>
`;

/** The answer of a fault that takes the place of any real one: nothing was read, nothing is billed. */
export function insteadOfAnswer(fault: Fault, voice: Voice, nowMs: number, requestId: string): Draft | undefined {
  switch (fault.kind) {
    case 'status':
      return {
        ...bodyOf(
          fault.code,
          fault.body === undefined ? voice.error(fault.code, undefined, requestId, fault.retryAfter?.ms) : fault.body,
        ),
        headers: [...Object.entries(lowerCased(fault.headers)), ...retryAfterHeader(fault.retryAfter, nowMs)],
      };
    case 'html':
      return {
        kind: 'body',
        status: fault.status,
        contentType: 'text/html; charset=utf-8',
        afterMs: 0,
        text: fault.body ?? HTML_PAGE,
        tokens: 0,
        outcome: 'error',
      };
    case 'json-error-in-200':
      return bodyOf(200, voice.error(fault.status, fault.error, requestId));
    case 'redirect':
      return { ...bodyOf(fault.status, ''), headers: [['location', fault.location]] };
    default:
      return undefined;
  }
}

function bodyOf(status: number, body: unknown): Draft & { kind: 'body' } {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'body', status, contentType: 'application/json', afterMs: 0, text, tokens: 0, outcome: 'error' };
}

function lowerCased(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

function retryAfterHeader(
  retryAfter: (Fault & { kind: 'status' })['retryAfter'],
  nowMs: number,
): readonly (readonly [string, string])[] {
  if (retryAfter === undefined) return [];
  switch (retryAfter.as) {
    case 'seconds':
      return [['retry-after', String(Math.ceil(retryAfter.ms / 1_000))]];
    case 'date':
      return [['retry-after', new Date(nowMs + retryAfter.ms).toUTCString()]];
    case 'milliseconds':
      return [['retry-after-ms', String(retryAfter.ms)]];
  }
}
