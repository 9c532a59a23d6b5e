import { createReadStream } from 'node:fs';
import { parseExactJson } from '../../catalog/exact-json.ts';
import { errorMessage, GatewayError } from '../../kernel/errors.ts';
import { CsvReader, type CsvRow } from '../../money/reconcile/csv-reader.ts';
import type { StatementRecord } from '../../money/reconcile/statement-columns.ts';

/** One document of JSON over several lines is read whole; lines of JSON and CSV may be of any size. */
const DOCUMENT_CHARS_MAX = 64 * 2 ** 20;
const LINE_CHARS_MAX = 8 * 2 ** 20;
const DEPTH_MAX = 8;

/**
 * The records of a statement's file, one after the other: CSV with a line of
 * headings, JSON lines, or one JSON document. Pages and buckets, as the vendors'
 * usage interfaces answer them (`data`, `results`), are taken apart; what a
 * bucket says holds for each of its results.
 *
 * @throws `invalid_request` for a text that is none of these
 */
export async function* statementRecords(path: string): AsyncGenerator<StatementRecord> {
  const pieces = textPieces(path);
  let start = '';
  // Step by step: leaving a loop over the pieces would end them.
  while (start.trimStart() === '') {
    const next = await pieces.next();
    if (next.done === true) break;
    start += next.value;
  }
  const first = start.trimStart()[0];
  if (first === '{' || first === '[') yield* jsonRecords(start, pieces);
  else yield* csvRecords(start, pieces);
}

async function* textPieces(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of createReadStream(path)) yield decoder.decode(chunk as Uint8Array, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (cause instanceof TypeError) throw refusal('it is not UTF-8', cause);
    throw cause;
  }
}

async function* csvRecords(start: string, pieces: AsyncIterable<string>): AsyncGenerator<StatementRecord> {
  const reader = new CsvReader();
  let headings: readonly string[] | undefined;
  const recordsOf = function* (rows: readonly CsvRow[]): Generator<StatementRecord> {
    for (const { line, fields } of rows) {
      if (headings === undefined) headings = fields;
      else yield csvRecord(headings, fields, line);
    }
  };
  yield* recordsOf(reader.push(start));
  for await (const piece of pieces) yield* recordsOf(reader.push(piece));
  const last = reader.end();
  yield* recordsOf(last === undefined ? [] : [last]);
}

function csvRecord(headings: readonly string[], fields: readonly string[], line: number): StatementRecord {
  if (fields.length !== headings.length) {
    throw refusal(`line ${line} has ${fields.length} fields under ${headings.length} headings`);
  }
  return { line, values: new Map(headings.map((heading, index) => [heading, fields[index] ?? ''])) };
}

async function* jsonRecords(start: string, pieces: AsyncGenerator<string>): AsyncGenerator<StatementRecord> {
  let rest = start;
  let line = 1;
  let isLines: boolean | undefined;
  const whole: string[] = [];
  let chars = 0;
  const take = function* (text: string): Generator<StatementRecord> {
    const value = text.trim() === '' ? undefined : parsedOr(text);
    isLines ??= text.trim() === '' ? undefined : value !== undefined;
    if (isLines === false) {
      chars += text.length + 1;
      if (chars > DOCUMENT_CHARS_MAX)
        throw refusal(`one document of more than ${DOCUMENT_CHARS_MAX} characters; write JSON lines`);
      whole.push(text);
    } else if (value !== undefined) yield* flattened(value.json, line, new Map(), 0);
    else if (text.trim() !== '') throw refusal(`line ${line} is not JSON`);
    line++;
  };
  for (;;) {
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) yield* take(text);
    if (rest.length > LINE_CHARS_MAX && isLines !== false)
      throw refusal(`line ${line} has more than ${LINE_CHARS_MAX} characters`);
    const next = await pieces.next();
    if (next.done === true) break;
    rest += next.value;
  }
  yield* take(rest);
  if (isLines !== false) return;
  const document = parsedOr(whole.join('\n'));
  if (document === undefined) throw refusal('it is neither JSON lines nor one JSON document');
  yield* flattened(document.json, 1, new Map(), 0);
}

function parsedOr(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: parseExactJson(text) };
  } catch {
    // Whether that is wrong, or the first line of a longer document, is for the caller to say.
    return undefined;
  }
}

/** @param above what the buckets around it say */
function* flattened(
  value: unknown,
  line: number,
  above: ReadonlyMap<string, string>,
  depth: number,
): Generator<StatementRecord> {
  if (depth > DEPTH_MAX) throw refusal(`line ${line} is deeper than ${DEPTH_MAX} levels`);
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) yield* flattened(item, line, above, depth + 1);
    return;
  }
  if (typeof value !== 'object' || value === null) throw refusal(`line ${line} holds something else than objects`);
  const own = new Map(above);
  const inner: unknown[] = [];
  let isBucket = false;
  for (const [name, member] of Object.entries(value)) {
    if ((name === 'data' || name === 'results') && Array.isArray(member)) {
      isBucket = true;
      inner.push(...(member as unknown[]));
    } else addScalars(own, name, member, depth);
  }
  if (!isBucket) yield { line, values: own };
  // An empty bucket has nothing to say of itself.
  else for (const item of inner) yield* flattened(item, line, own, depth + 1);
}

/** Members of members under joined names: `amount.value` as `amount_value`. Lists of values say nothing here. */
function addScalars(into: Map<string, string>, name: string, value: unknown, depth: number): void {
  if (depth > DEPTH_MAX || value === null || Array.isArray(value)) return;
  if (typeof value !== 'object') into.set(name, String(value));
  else for (const [inner, member] of Object.entries(value)) addScalars(into, `${name}_${inner}`, member, depth + 1);
}

function refusal(why: string, cause?: unknown): GatewayError {
  const said = cause === undefined ? why : `${why} (${errorMessage(cause)})`;
  return new GatewayError('invalid_request', {
    message: `The statement cannot be read: ${said}; it must be CSV with headings, JSON lines or JSON`,
    cause,
  });
}
