import { type Io, printJson } from '../io.ts';

/** Makes a key that no store knows, and what a file declares it by. */
export async function printNewKey(io: Io, asJson: boolean): Promise<void> {
  const { newDeclaredKey } = await import('../../compose/declared-key.ts');
  const { key, keyHash } = newDeclaredKey();
  if (asJson) {
    printJson(io, { key, key_hash: keyHash });
    return;
  }
  io.out(`${key}\nkey_hash: ${keyHash}\n`);
  io.err('the first line is for the client; the second stands in leeward.yaml, below keys and a name\n');
}
