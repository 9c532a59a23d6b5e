import { createHash } from 'node:crypto';
import { guardedHeaders, type PageAnswer } from './page-headers.ts';
import { PAGE_SCRIPT } from './script.ts';
import { PAGE_STYLE } from './style.ts';

const HASH_CHARS = 16;
const SCRIPT_PATH = '/page.js';
const STYLE_PATH = '/page.css';

const scriptHash = hashOf(PAGE_SCRIPT);
const styleHash = hashOf(PAGE_STYLE);

/** Addresses that change with the content, so that a browser may keep it for ever. */
export const PAGE_SCRIPT_URL = `${SCRIPT_PATH}?v=${scriptHash}`;
export const PAGE_STYLE_URL = `${STYLE_PATH}?v=${styleHash}`;

/**
 * The script or the style; `undefined` for any other path. Only the address
 * that names the present content may be kept: an older page's address gets
 * the present content too, but for this once.
 *
 * @param version the `v` of the query
 */
export function pageAsset(path: string, version: string | undefined): PageAnswer | undefined {
  if (path === SCRIPT_PATH) return asset('text/javascript; charset=utf-8', PAGE_SCRIPT, version === scriptHash);
  if (path === STYLE_PATH) return asset('text/css; charset=utf-8', PAGE_STYLE, version === styleHash);
  return undefined;
}

function asset(contentType: string, body: string, keep: boolean): PageAnswer {
  const cacheControl = keep ? 'public, max-age=31536000, immutable' : 'no-cache';
  return { status: 200, headers: guardedHeaders(contentType, cacheControl), body };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, HASH_CHARS);
}
