import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Peppers } from '../access/peppers.ts';
import { errorCode, GatewayError } from '../kernel/errors.ts';
import type { Random } from '../kernel/random.ts';

const OWNER_ONLY = 0o600;
const SECRET_BYTES = 32;

const pepperFile = z.object({
  peppers: z
    .array(z.object({ id: z.string().min(1), secret: z.base64() }))
    .min(1)
    .max(2),
});

/**
 * The peppers that key hashes are made with: from `peppers.json` in the data
 * directory, made on the first start. Two may stand there, the new one first.
 *
 * @throws `internal` when the file is damaged; a new one would lock every key out
 */
export function loadPeppers(dataDir: string, random: Random): Peppers {
  const path = join(dataDir, 'peppers.json');
  const text = readOrMake(path, () => {
    const secret = Buffer.from(random.bytes(SECRET_BYTES)).toString('base64');
    return `${JSON.stringify({ peppers: [{ id: 'p1', secret }] })}\n`;
  });
  const parsed = pepperFile.safeParse(jsonOrUndefined(text));
  if (!parsed.success) {
    throw new GatewayError('internal', {
      message: `${path} is damaged; restore it from a backup, because without it no existing key can be recognised.`,
      cause: parsed.error,
    });
  }
  return new Peppers(parsed.data.peppers.map(({ id, secret }) => ({ id, secret: Buffer.from(secret, 'base64') })));
}

/** The token that opens the admin API, in `admin-token`. Made on the first start. */
export function loadAdminToken(dataDir: string, random: Random): string {
  const make = () => `lwadmin_${Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url')}\n`;
  return readOrMake(join(dataDir, 'admin-token'), make).trim();
}

/** A small file's text, or `undefined` when there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a file that only its owner may read, whatever the umask is. */
export function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: OWNER_ONLY });
  chmodSync(path, OWNER_ONLY);
}

function readOrMake(path: string, make: () => string): string {
  const known = readIfThere(path);
  if (known !== undefined && known.trim() !== '') return known;
  const made = make();
  writeSecret(path, made);
  return made;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses `undefined`, and the caller says what that means.
    return undefined;
  }
}
