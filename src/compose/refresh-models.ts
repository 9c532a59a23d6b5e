import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Catalog } from '../catalog/catalog.ts';
import { CATALOG_BYTES_MAX, parseCatalogText } from '../catalog/catalog-text.ts';
import { keepRefreshed } from '../catalog/kept.ts';
import { openCatalog, refreshedPath } from '../catalog/packaged.ts';
import { catalogFromPublished } from '../catalog/published.ts';
import { GENAI_PRICES_URL } from '../catalog/sources/genai-prices.ts';
import type { Clock } from '../kernel/clock.ts';
import { errorCode, errorMessage, GatewayError } from '../kernel/errors.ts';

const FETCH_MS_MAX = 60_000;

export interface RefreshOptions {
  readonly dataDir: string;
  /** A file, or an http(s) address. Default: where genai-prices is published. */
  readonly from?: string;
}

export interface RefreshedModels {
  readonly from: string;
  readonly path: string;
  readonly version: string;
  readonly previousVersion: string;
  readonly models: number;
  readonly vendors: number;
}

/**
 * Takes a newer list of models and prices into a data directory, where it wins
 * over the packaged one from the next start on. Written whole or not at all.
 *
 * @throws `upstream_error` when the list cannot be had, `invalid_request` when it is none; the old one stays
 */
export async function refreshModels(options: RefreshOptions, clock: Clock): Promise<RefreshedModels> {
  const from = options.from ?? GENAI_PRICES_URL;
  const dataDir = resolve(options.dataDir);
  const { catalog: atHand } = openCatalog(dataDir);
  const text = /^https?:\/\//.test(from) ? await fetched(from, clock) : fileText(from);
  const next = catalogFromPublished({ text, from, at: clock.now() }, atHand);
  const path = refreshedPath(dataDir);
  keepUsable(dataDir);
  replaceFile(path, next, dataDir);
  const catalog = new Catalog(parseCatalogText(next));
  return {
    from,
    path,
    version: catalog.header.version,
    previousVersion: atHand.header.version,
    models: catalog.vendors.reduce((sum, vendor) => sum + catalog.models(vendor).length, 0),
    vendors: catalog.vendors.length,
  };
}

/** What was in force is kept for the records that name it; a damaged one is no loss. */
function keepUsable(dataDir: string): void {
  const { origin } = openCatalog(dataDir);
  if (origin === 'refreshed') keepRefreshed(dataDir);
}

/** Beside its place first, then into it: whoever starts meanwhile reads the old one or the new one. */
function replaceFile(path: string, text: string, dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const half = `${path}.${process.pid}.part`;
  try {
    writeFileSync(half, text, { flush: true });
    renameSync(half, path);
  } catch (error) {
    rmSync(half, { force: true });
    throw error;
  }
}

function fileText(from: string): string {
  try {
    if (statSync(from).size > CATALOG_BYTES_MAX)
      throw unreachable(from, `it is larger than ${CATALOG_BYTES_MAX} bytes`);
    return readFileSync(from, 'utf8');
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw unreachable(from, errorCode(error) ?? errorMessage(error), error);
  }
}

async function fetched(url: string, clock: Clock): Promise<string> {
  const waiting = new AbortController();
  const timer = clock.after(FETCH_MS_MAX, () => waiting.abort(new Error(`no answer within ${FETCH_MS_MAX} ms`)));
  try {
    const response = await fetch(url, { signal: waiting.signal, headers: { 'user-agent': 'leeward' } });
    if (response.status !== 200) throw unreachable(url, `it answered with status ${response.status}`);
    return await boundedText(response, url);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw unreachable(url, errorCode(cause) ?? errorMessage(cause), error);
  } finally {
    timer.cancel();
  }
}

async function boundedText(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > CATALOG_BYTES_MAX) throw unreachable(url, `it sends more than ${CATALOG_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unreachable(from: string, why: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The models of ${from} could not be had: ${why}. The catalogue in force stays as it is; try again when there is a connection, or name a file with --from.`,
    cause,
  });
}
