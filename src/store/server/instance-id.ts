import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, GatewayError } from '../../kernel/errors.ts';
import type { Random } from '../../kernel/random.ts';

const FILE = 'instance-id';
const ID_BYTES = 16;
const WELL_FORMED = /^gw_[0-9a-f]{32}$/;

/**
 * The name of this data directory's journal among those of all gateways on one
 * server; made at the first start and kept beside the journal it names. The caller
 * holds the directory's lock.
 *
 * @throws `internal` when the file holds something else: under another name the journal would be replayed twice
 */
export function instanceId(dataDir: string, random: Random): string {
  const path = join(dataDir, FILE);
  const known = readIfThere(path);
  if (known !== undefined) return checked(known, path);
  const id = `gw_${Buffer.from(random.bytes(ID_BYTES)).toString('hex')}`;
  const making = `${path}.new`;
  writeFileSync(making, `${id}\n`, { mode: 0o600, flush: true });
  renameSync(making, path);
  return id;
}

function checked(text: string, path: string): string {
  const id = text.trim();
  if (WELL_FORMED.test(id)) return id;
  throw new GatewayError('internal', {
    message: `${path} is damaged: it must be gw_ and 32 hexadecimal digits. Restore it from a backup; under another name its journal would be replayed as another gateway's`,
  });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
