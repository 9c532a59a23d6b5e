import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJson, type Json, objectOf, objectsOf, parsed, textOf } from './json.ts';
import { framedAgain } from './sse-text.ts';
import { type Surface, surfaceOf } from './surfaces.ts';

/** `text/event-stream; charset=utf-8` and the like. */
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+/;

/** One answer of a provider as it was recorded, with the request that got it where that was recorded too. */
export interface Recording {
  readonly id: string;
  readonly url: string;
  readonly status: number;
  /** Whether the answer is a stream of events. */
  readonly stream: boolean;
  readonly contentType: string;
  readonly request: Json | undefined;
  readonly response: Buffer;
  readonly surface: Surface;
}

/** A recording that this proof cannot replay, and why. */
export interface Unreplayed {
  readonly id: string;
  readonly why: string;
}

/**
 * All that a folder holds, each of it either replayed or named with its reason.
 * The folder has `index.json`, or else a `meta.json` beside each response.
 *
 * @throws when there is neither
 */
export function readFolder(folder: string): { recordings: Recording[]; unreplayed: Unreplayed[] } {
  const recordings: Recording[] = [];
  const unreplayed: Unreplayed[] = [];
  for (const entry of entriesOf(folder)) {
    const id = textOf(entry['id']) ?? 'a recording without id';
    const read = readEntry(folder, id, entry);
    if (typeof read === 'string') unreplayed.push({ id, why: read });
    else recordings.push(read);
  }
  return { recordings, unreplayed };
}

function entriesOf(folder: string): readonly Json[] {
  const index = join(folder, 'index.json');
  if (existsSync(index)) {
    const entries = parsed(readFileSync(index, 'utf8'));
    if (!Array.isArray(entries)) throw new Error(`${index} is no list of recordings`);
    return objectsOf(entries);
  }
  const metas = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(^|\/)meta\.json$/.test(name),
  );
  if (metas.length === 0) throw new Error(`${folder} has no index.json and no meta.json`);
  return metas.map((name) => ({
    id: name.replace(/\/?meta\.json$/, ''),
    ...objectOf(parsed(readFileSync(join(folder, name), 'utf8'))),
  }));
}

/** @returns why not, where it cannot be replayed */
function readEntry(folder: string, id: string, entry: Json): Recording | string {
  const file = textOf(entry['response']) ?? responseIn(join(folder, id));
  if (file === undefined || !existsSync(join(folder, id, file))) return 'its response is not in the folder';
  const raw = readFileSync(join(folder, id, file));
  const url = textOf(entry['url']) ?? '';
  const status = typeof entry['status'] === 'number' ? entry['status'] : 200;
  const isText = /\.(json|jsonl|sse)$/.test(file);
  const surface = surfaceOf(url, status, isText ? raw.toString('utf8') : undefined);
  if ('unsupported' in surface) return surface.unsupported;
  if (!isText) return `its response is ${file}, which is neither JSON nor events`;
  const response = file.endsWith('.jsonl') ? framedAgain(raw.toString('utf8'), surface.dialect) : raw;
  const stream = isEventStream(response);
  const told = textOf(objectOf(entry['response_headers'])['content-type']);
  // Recorders put words of their own in the place of headers that they keep back.
  const said = told !== undefined && MEDIA_TYPE.test(told) ? told : undefined;
  return {
    id,
    url,
    status,
    stream,
    contentType: stream ? (streamType(said) ?? 'text/event-stream; charset=utf-8') : (said ?? 'application/json'),
    request: requestOf(join(folder, id), textOf(entry['request'])),
    response,
    surface,
  };
}

function responseIn(folder: string): string | undefined {
  return existsSync(folder) ? readdirSync(folder).find((name) => name.startsWith('response.')) : undefined;
}

/** What was recorded as a stream is one by its bytes, whatever the recorder made of its headers. */
function isEventStream(response: Buffer): boolean {
  return /^\s*(?:event|data|id|retry|):/m.test(response.toString('utf8', 0, 2_000).trimStart().split('\n', 1)[0] ?? '');
}

function streamType(said: string | undefined): string | undefined {
  return said?.startsWith('text/event-stream') ? said : undefined;
}

function requestOf(folder: string, file: string | undefined): Json | undefined {
  const path = join(folder, file ?? 'request.json');
  if (!path.endsWith('.json') || !existsSync(path)) return undefined;
  const value = parsed(readFileSync(path, 'utf8'));
  return isJson(value) ? value : undefined;
}
