import { GatewayError } from '../../kernel/errors.ts';

/** Where a server Postgres is, and who we are there. Plain data, for it goes to another thread; `url` is a secret. */
export interface ServerAddress {
  /** Complete, with the parameters that each of our sessions begins with. */
  readonly url: string;
  /** Host, port and database, as a log may show them. */
  readonly shown: string;
  /** Where `url` is written, for messages: `DATABASE_URL`. */
  readonly source: string;
}

/** Our tables have a schema of their own, so that a database shared with an application meets none of its names. */
export const SCHEMA = 'leeward';

/** What results are read by must not depend on how somebody set up the server, the database or the role. */
const SESSION_OPTIONS = [
  `search_path=${SCHEMA}`,
  'TimeZone=UTC',
  'DateStyle=ISO',
  'IntervalStyle=postgres',
  'bytea_output=hex',
  'client_min_messages=warning',
];

const SCHEMES: ReadonlySet<string> = new Set(['postgres:', 'postgresql:']);

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…`.
 *
 * @param source where the text stands, for the refusal: `DATABASE_URL`
 * @throws `invalid_request` when it is no such address; the message does not repeat it
 */
export function serverAddress(text: string, source: string): ServerAddress {
  if (!URL.canParse(text)) throw noAddress(source, 'is no URL');
  const url = new URL(text);
  if (!SCHEMES.has(url.protocol)) throw noAddress(source, `begins with ${url.protocol}//`);
  if (url.pathname.length <= 1) throw noAddress(source, 'names no database');
  const theirs = url.searchParams.get('options');
  const ours = SESSION_OPTIONS.map((option) => `-c ${option}`).join(' ');
  url.searchParams.set('options', theirs === null ? ours : `${theirs} ${ours}`);
  const host = url.searchParams.get('host') ?? (url.hostname || 'localhost');
  const port = url.searchParams.get('port') ?? (url.port || '5432');
  return { url: url.href, shown: `${host}:${port}${decodeURIComponent(url.pathname)}`, source };
}

function noAddress(source: string, what: string): GatewayError {
  return new GatewayError('invalid_request', {
    message: `${source} ${what}; it must be like postgres://user:password@host:5432/database (percent-encode special characters of the password), or be taken away for the embedded store`,
  });
}
