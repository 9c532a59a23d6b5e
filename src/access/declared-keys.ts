import type { KnownKey } from './authenticator.ts';
import type { StoredKey } from './stored-key.ts';

/** A key as the configuration declares it. Instants are milliseconds since the epoch. */
export interface KeyDeclaration {
  readonly name: string;
  /** SHA-256 of the key, in base64url. */
  readonly digest: string;
  readonly project?: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: number;
}

export interface DeclaredKeysFacts {
  /** As the user knows the file. */
  readonly path: string;
  readonly loadedAt: number;
  readonly tenant: { readonly organisation: string; readonly project: string };
}

/** By its beginning an id says that the key is not in the store, and by its end where to look in the file. */
const ID_PREFIX = 'file.';

/** The keys of one version of the configuration. They are changed there and nowhere else. */
export class DeclaredKeys {
  readonly path: string;
  readonly #byDigest: ReadonlyMap<string, StoredKey>;
  readonly #byId: ReadonlyMap<string, StoredKey>;

  constructor(declarations: Iterable<KeyDeclaration>, facts: DeclaredKeysFacts) {
    this.path = facts.path;
    const byDigest = new Map<string, StoredKey>();
    const byId = new Map<string, StoredKey>();
    for (const declaration of declarations) {
      const key = storedKey(declaration, facts);
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

function storedKey({ name, project, scopes, expiresAt }: KeyDeclaration, facts: DeclaredKeysFacts): StoredKey {
  const { path, loadedAt, tenant } = facts;
  return {
    id: `${ID_PREFIX}${name}`,
    organisation: tenant.organisation,
    project: project ?? tenant.project,
    name,
    // Only the hash is known here.
    prefix: '',
    last4: '',
    scopes,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    createdAt: loadedAt,
    createdBy: path,
    declaredIn: path,
  };
}
