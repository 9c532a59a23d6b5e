import type { Allowance } from '../protocol/allowance.ts';
import type { KnownKey } from './authenticator.ts';
import { narrowedBy, PARENTS_MAX } from './lineage.ts';
import type { StoredKey } from './stored-key.ts';

/** A key as the configuration declares it. Instants are milliseconds since the epoch. */
export interface KeyDeclaration {
  readonly name: string;
  /** SHA-256 of the key, in base64url. */
  readonly digest: string;
  /** Another declared key, by its name. */
  readonly parent?: string;
  /** Absent: the parent's, or the default one. */
  readonly project?: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: number;
  readonly allow?: Allowance;
}

export interface DeclaredKeysFacts {
  /** As the user knows the file. */
  readonly path: string;
  readonly loadedAt: number;
  readonly tenant: { readonly organisation: string; readonly project: string };
}

/** By its beginning an id says that the key is not in the store, and by its end where to look in the file. */
const ID_PREFIX = 'file.';

export function declaredKeyId(name: string): string {
  return `${ID_PREFIX}${name}`;
}

/** The keys of one version of the configuration. They are changed there and nowhere else. */
export class DeclaredKeys {
  readonly path: string;
  readonly #byDigest: ReadonlyMap<string, StoredKey>;
  readonly #byId: ReadonlyMap<string, StoredKey>;

  constructor(declarations: Iterable<KeyDeclaration>, facts: DeclaredKeysFacts) {
    this.path = facts.path;
    const byName = new Map([...declarations].map((declaration) => [declaration.name, declaration]));
    const byDigest = new Map<string, StoredKey>();
    const byId = new Map<string, StoredKey>();
    for (const declaration of byName.values()) {
      const parents = parentsOf(declaration, byName);
      const key = narrowedBy(
        storedKey(declaration, parents, facts),
        parents.map((parent, level) => storedKey(parent, parents.slice(level + 1), facts)),
      );
      byDigest.set(declaration.digest, key);
      byId.set(key.id, key);
    }
    this.#byDigest = byDigest;
    this.#byId = byId;
  }

  /** @param digest SHA-256 of what was presented, in base64url */
  find(digest: string): KnownKey | undefined {
    return this.#byDigest.get(digest);
  }

  byId(id: string): StoredKey | undefined {
    return this.#byId.get(id);
  }

  list(): StoredKey[] {
    return [...this.#byId.values()];
  }
}

/** The nearest first. A name that is not there ends the line; so does a circle, which the file's check refuses. */
function parentsOf(key: KeyDeclaration, byName: ReadonlyMap<string, KeyDeclaration>): KeyDeclaration[] {
  const parents: KeyDeclaration[] = [];
  let next = key.parent === undefined ? undefined : byName.get(key.parent);
  while (next !== undefined && parents.length < PARENTS_MAX) {
    parents.push(next);
    next = next.parent === undefined ? undefined : byName.get(next.parent);
  }
  return parents;
}

function storedKey(
  { name, project, scopes, expiresAt, allow }: KeyDeclaration,
  parents: readonly KeyDeclaration[],
  { path, loadedAt, tenant }: DeclaredKeysFacts,
): StoredKey {
  const [parent] = parents;
  const inherited = parents.find((above) => above.project !== undefined)?.project;
  return {
    id: declaredKeyId(name),
    organisation: tenant.organisation,
    project: project ?? inherited ?? tenant.project,
    ...(parent === undefined ? {} : { parentKeyId: declaredKeyId(parent.name) }),
    name,
    // Only the hash is known here.
    prefix: '',
    last4: '',
    scopes,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(allow === undefined ? {} : { allow }),
    createdAt: loadedAt,
    createdBy: path,
    declaredIn: path,
  };
}
