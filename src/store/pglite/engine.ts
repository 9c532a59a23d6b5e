import { messages, PGlite, protocol } from '@electric-sql/pglite';
import { errorMessage } from '../../kernel/errors.ts';
import { DatabaseError } from '../database-error.ts';
import { DurableFs } from './durable-fs.ts';
import type { Parameter } from './parameters.ts';
import { parseCommandTag, parserFor, type QueryResult, type ResultField } from './result.ts';

/** `idle`, inside a transaction, or inside one that has failed and waits for its rollback. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** What one round trip brought: the last statement's result or the error, and where the session stands after it. */
export interface Answer {
  readonly result: QueryResult | undefined;
  readonly error: DatabaseError | undefined;
  /** The first word of each statement that completed. */
  readonly commands: readonly string[];
  readonly status: TransactionStatus;
}

export interface EngineOptions {
  /** The Postgres data directory itself. */
  readonly directory: string;
  readonly unsafeNoFsync: boolean;
  /** The compiled engine, where the caller compiled it ahead. */
  readonly wasmModule?: WebAssembly.Module;
  /** The engine is gone for good (a PANIC, an exhausted memory). Must not return: PGlite would loop for ever. */
  readonly onAbort: (reason: string) => never;
}

/** How a statement is run. */
export interface Execution {
  /** What a `COPY … FROM STDIN` reads. */
  readonly input?: Uint8Array | undefined;
  /** The same text comes again and again, and is parsed and planned once. For a few texts only: they are kept. */
  readonly again?: boolean | undefined;
}

const STDERR_LINES_MAX = 20;

/** After them Postgres knows no statement by its name any more. */
const FORGETTING_COMMANDS: ReadonlySet<string> = new Set(['DISCARD', 'DEALLOCATE']);

/**
 * Postgres in this thread, one statement at a time. Speaks the wire protocol
 * and parses what comes back with `pg`'s own parsers, so that values are the
 * same as from a server.
 */
export class Engine {
  readonly #pglite: PGlite;
  readonly #onAbort: (reason: string) => never;
  readonly #stderr: string[];
  /** The names of statements that Postgres has parsed for good. */
  readonly #prepared = new Map<string, string>();
  #lastName = 0;

  private constructor(pglite: PGlite, onAbort: (reason: string) => never, stderr: string[]) {
    this.#pglite = pglite;
    this.#onAbort = onAbort;
    this.#stderr = stderr;
  }

  /** @throws when the directory cannot be opened, or when a commit does not reach the disk */
  static async open(options: EngineOptions): Promise<Engine> {
    const stderr: string[] = [];
    const onAbort = (what: string) => options.onAbort(lastWords(stderr, what));
    const fs = new DurableFs(options.directory, { onAbort, unsafeNoFsync: options.unsafeNoFsync });
    const pglite = await openPglite(fs, options, stderr);
    const engine = new Engine(pglite, options.onAbort, stderr);
    if (!options.unsafeNoFsync) await engine.#proveFsync(fs);
    return engine;
  }

  /** Runs one statement with parameters, or any number of them without. */
  async execute(text: string, values: readonly Parameter[], { input, again = false }: Execution = {}): Promise<Answer> {
    if (input !== undefined) return this.#ask(copyRequest(text, input));
    if (values.length === 0) return this.#ask(protocol.serialize.query(text));
    if (!again) return this.#ask(extendedQuery(values, { text }));
    const known = this.#prepared.get(text);
    if (known !== undefined) return this.#ask(extendedQuery(values, { name: known }));
    const name = `again_${++this.#lastName}`;
    return this.#ask(extendedQuery(values, { text, name }), () => this.#prepared.set(text, name));
  }

  /** @param onParsed called also when the statement fails afterwards: its name is taken then */
  async #ask(request: Uint8Array, onParsed?: () => void): Promise<Answer> {
    const replies = await this.#pglite.execProtocolStream(request, { syncToFs: false, throwOnError: false });
    if (replies.some(({ name }) => name === 'parseComplete')) onParsed?.();
    const answer = this.#read(replies);
    if (answer.commands.some((command) => FORGETTING_COMMANDS.has(command))) this.#prepared.clear();
    return answer;
  }

  async close(): Promise<void> {
    await this.#pglite.close();
  }

  #read(replies: readonly BackendMessage[]): Answer {
    let fields: ResultField[] = [];
    let rows: Record<string, unknown>[] = [];
    let parsers: ((text: string) => unknown)[] = [];
    let result: QueryResult | undefined;
    let error: DatabaseError | undefined;
    const commands: string[] = [];
    for (const reply of replies) {
      if (reply instanceof messages.RowDescriptionMessage) {
        fields = reply.fields.map(({ name, dataTypeID }) => ({ name, dataTypeID }));
        parsers = fields.map((field) => parserFor(field.dataTypeID));
        rows = [];
      } else if (reply instanceof messages.DataRowMessage) {
        rows.push(parsedRow(reply.fields, fields, parsers));
      } else if (reply instanceof messages.CommandCompleteMessage) {
        result = { ...parseCommandTag(reply.text), rows, fields };
        commands.push(result.command);
        [fields, rows, parsers] = [[], [], []];
      } else if (reply instanceof messages.DatabaseError) {
        if (reply.severity === 'FATAL' || reply.severity === 'PANIC') this.#onAbort(reply.message);
        error ??= new DatabaseError(reply);
      } else if (reply instanceof messages.ReadyForQueryMessage) {
        return { result, error, commands, status: transactionStatus(reply.status) };
      }
    }
    return this.#onAbort(lastWords(this.#stderr, 'the engine broke off its answer'));
  }

  async #proveFsync(fs: DurableFs): Promise<void> {
    const before = fs.fsyncCount;
    await this.execute(`select pg_logical_emit_message(true, 'leeward', 'fsync probe')`, []);
    if (fs.fsyncCount > before) return;
    await this.close();
    throw new Error('a commit was not followed by an fsync: this PGlite version cannot store anything safely');
  }
}

type BackendMessage = Awaited<ReturnType<PGlite['execProtocolStream']>>[number];

async function openPglite(fs: DurableFs, options: EngineOptions, stderr: string[]): Promise<PGlite> {
  const startParams = [
    ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
    ...['-c', 'fsync=on', '-c', 'wal_sync_method=fsync'],
    ...['-c', 'shared_buffers=16MB'],
    // A batch of the journal's fits, and is written at its commit in one piece.
    ...['-c', 'wal_buffers=2MB'],
    // Kysely's enums and instants rely on it; a host's zone must not reach into results.
    ...['-c', 'TimeZone=UTC'],
  ];
  const onStderr = (line: string) => {
    stderr.push(line);
    if (stderr.length > STDERR_LINES_MAX) stderr.shift();
    return false;
  };
  const { wasmModule } = options;
  try {
    return await PGlite.create({
      fs,
      startParams,
      onStderr,
      ...(wasmModule === undefined ? {} : { pgliteWasmModule: wasmModule }),
    });
  } catch (error) {
    throw new Error(lastWords(stderr, errorMessage(error)), { cause: error });
  }
}

/** `CopyData` messages, built here without a copy. Postgres keeps a buffer as large as the largest of them. */
const COPY_MESSAGE_BYTES = 64 * 1024;

function copyRequest(text: string, input: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [protocol.serialize.query(text)];
  for (let start = 0; start < input.length; start += COPY_MESSAGE_BYTES) {
    const data = input.subarray(start, start + COPY_MESSAGE_BYTES);
    const head = Buffer.from('d\0\0\0\0');
    head.writeInt32BE(Int32Array.BYTES_PER_ELEMENT + data.length, 1);
    parts.push(head, data);
  }
  return Buffer.concat([...parts, protocol.serialize.copyDone()]);
}

/** @param statement its text, its name once it was given one, or both to give it one */
function extendedQuery(
  values: readonly Parameter[],
  { text, name = '' }: { readonly text?: string; readonly name?: string },
): Uint8Array {
  const { serialize } = protocol;
  return Buffer.concat([
    ...(text === undefined ? [] : [serialize.parse({ name, text })]),
    serialize.bind({ statement: name, values: [...values] }),
    serialize.describe({ type: 'P' }),
    serialize.execute(),
    serialize.sync(),
  ]);
}

function parsedRow(
  texts: readonly (string | null)[],
  fields: readonly ResultField[],
  parsers: readonly ((text: string) => unknown)[],
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [index, field] of fields.entries()) {
    const text = texts[index];
    row[field.name] = text === null || text === undefined ? null : parsers[index]?.(text);
  }
  return row;
}

function transactionStatus(status: string): TransactionStatus {
  if (status === 'I' || status === 'T' || status === 'E') return status;
  throw new Error(`unknown transaction status ${status}`);
}

/** The most telling line Postgres left on its standard error; an abort itself says nothing. */
function lastWords(stderr: readonly string[], fallback: string): string {
  const telling =
    stderr.findLast((line) => /\b(PANIC|FATAL):/.test(line)) ?? stderr.findLast((line) => /ERROR:/.test(line));
  return telling === undefined ? fallback : telling.replace(/^.*?(PANIC|FATAL|ERROR):\s*/, '$1: ');
}
