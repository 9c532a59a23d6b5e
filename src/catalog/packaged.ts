import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, errorMessage } from '../kernel/errors.ts';
import { Catalog } from './catalog.ts';
import { parseCatalogText } from './catalog-text.ts';

/** The catalogue that is part of the package. */
export const PACKAGED = new URL('../../assets/models.json', import.meta.url);

/** Where a refreshed catalogue is kept; it wins over the packaged one. */
export function refreshedPath(dataDir: string): string {
  return join(dataDir, 'models.json');
}

export interface OpenedCatalog {
  readonly catalog: Catalog;
  readonly origin: 'packaged' | 'refreshed';
  /** Why a refreshed catalogue that is there could not be used. */
  readonly problem?: string;
}

/**
 * The refreshed catalogue of a data directory, or else the packaged one.
 * Reads one file of some hundred kilobytes and parses its first line.
 */
export function openCatalog(dataDir: string): OpenedCatalog {
  try {
    const refreshed = new Catalog(parseCatalogText(readFileSync(refreshedPath(dataDir), 'utf8')));
    return { catalog: refreshed, origin: 'refreshed' };
  } catch (error) {
    const packaged = new Catalog(parseCatalogText(readFileSync(PACKAGED, 'utf8')));
    if (errorCode(error) === 'ENOENT') return { catalog: packaged, origin: 'packaged' };
    return { catalog: packaged, origin: 'packaged', problem: errorMessage(error) };
  }
}
