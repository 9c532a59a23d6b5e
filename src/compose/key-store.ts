import type { KeyStore } from '../access/keyring.ts';
import type { Database } from '../store/database.ts';
import { insertKey, keyByHash, keyById, listKeys, organisationOf, parentsOf, revokeKey } from '../store/key-queries.ts';

/** The keyring's view of the store. */
export function keyStore(database: Database): KeyStore {
  return {
    insert: (key) => insertKey(database, { ...key, source: 'database' }),
    list: () => listKeys(database),
    byId: (id) => keyById(database, id),
    byHash: (hash) => keyByHash(database, hash),
    parentsOf: (id) => parentsOf(database, id),
    organisationOf: (project) => organisationOf(database, project),
    async revoke(id, at) {
      await revokeKey(database, id, at);
    },
  };
}
