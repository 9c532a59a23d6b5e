import type { KnownKey } from '../access/authenticator.ts';
import type { Caller } from '../exchange/call.ts';

/** Who calls with a key. */
export function callerOfKey(key: KnownKey): Caller {
  return {
    organisation: key.organisation,
    project: key.project,
    keyId: key.id,
    ...(key.parentKeyId === undefined ? {} : { parentKeyId: key.parentKeyId }),
    ...(key.ancestors === undefined ? {} : { ancestors: key.ancestors }),
    ...(key.allowances === undefined ? {} : { allowances: key.allowances }),
  };
}
