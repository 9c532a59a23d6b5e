import { join } from 'node:path';
import type { Keyring } from '../access/keyring.ts';
import { readIfThere, writeSecret } from './secret-files.ts';

/** The key that `leeward dev` keeps beside its store, so that a second start prints a line that works too. */
export async function devKey(
  dataDir: string,
  keyring: Keyring,
): Promise<{ readonly key: string; readonly path: string }> {
  const path = join(dataDir, 'dev.key');
  const kept = readIfThere(path)?.trim();
  if (kept !== undefined && (await isUsable(kept, keyring))) return { key: kept, path };
  const { secret } = await keyring.create({ name: 'dev', createdBy: 'leeward dev' });
  writeSecret(path, `${secret}\n`);
  return { key: secret, path };
}

async function isUsable(secret: string, keyring: Keyring): Promise<boolean> {
  const key = await keyring.find(secret);
  return key !== undefined && key.revokedAt === undefined && key.expiresAt === undefined;
}
