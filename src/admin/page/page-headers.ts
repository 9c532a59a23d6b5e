/** An answer of the page: headers are flat name, value, name, value; the length is left to the HTTP server. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: string[];
  readonly body: string;
}

/** Nothing but our own script, style and feed; nothing inline, so that a missed escape still cannot run. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** On everything the page answers with. The page's address may carry a one-time token, hence no referrer. */
export function guardedHeaders(contentType: string, cacheControl: string): string[] {
  return [
    'content-type',
    contentType,
    'cache-control',
    cacheControl,
    'content-security-policy',
    POLICY,
    'x-content-type-options',
    'nosniff',
    'referrer-policy',
    'no-referrer',
    'cross-origin-resource-policy',
    'same-origin',
  ];
}

export function pageHeaders(): string[] {
  return guardedHeaders('text/html; charset=utf-8', 'no-store');
}
