import { hash } from 'node:crypto';
import { isWellFormedKey, makeKey } from '../access/key-format.ts';
import { systemRandom } from '../kernel/random.ts';

/** Whether a text can be a key at all, for whoever only reads a configuration. */
export function isKey(text: string): boolean {
  return isWellFormedKey(text);
}

/** A key that no store knows, and the hash by which a file declares it. */
export function newDeclaredKey(): { readonly key: string; readonly keyHash: string } {
  const key = makeKey(systemRandom());
  return { key, keyHash: `sha256:${hash('sha256', key, 'hex')}` };
}
