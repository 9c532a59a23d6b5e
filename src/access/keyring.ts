import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { IdMaker } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { Allowance } from '../protocol/allowance.ts';
import type { KnownKey } from './authenticator.ts';
import type { DeclaredKeys } from './declared-keys.ts';
import { KEY_PREFIX, makeKey } from './key-format.ts';
import { checkAllowance, earliest, narrowedBy, PARENTS_MAX } from './lineage.ts';
import type { Peppers } from './peppers.ts';
import type { StoredKey } from './stored-key.ts';

export type { StoredKey } from './stored-key.ts';

export interface NewKey extends Omit<StoredKey, 'revokedAt' | 'declaredIn'> {
  readonly pepperId: string;
  readonly hash: Buffer;
}

/** What the keyring needs of the store. */
export interface KeyStore {
  insert(key: NewKey): Promise<void>;
  list(): Promise<readonly StoredKey[]>;
  byId(id: string): Promise<StoredKey | undefined>;
  byHash(hash: Buffer): Promise<StoredKey | undefined>;
  /** All parents of a key, the nearest first, at most {@link PARENTS_MAX} and one more. */
  parentsOf(id: string): Promise<readonly StoredKey[]>;
  /** Whose the project is; `undefined` when there is none with this id. */
  organisationOf(project: string): Promise<string | undefined>;
  revoke(id: string, at: number): Promise<void>;
}

export interface KeyRequest {
  readonly name: string;
  readonly parent?: string;
  /** Absent: the parent's, or the default one. */
  readonly project?: string;
  readonly scopes?: readonly string[];
  readonly expiresAt?: number;
  /** Narrows what it may reach; a parent's own rule holds as well. */
  readonly allow?: Allowance;
  readonly createdBy: string;
}

export interface KeyringParts {
  readonly store: KeyStore;
  readonly peppers: Peppers;
  readonly random: Random;
  readonly ids: IdMaker;
  readonly clock: Clock;
  /** Whose keys these are while there is one organisation and one project. */
  readonly tenant: { readonly organisation: string; readonly project: string };
  /** The keys that the configuration in force declares. */
  declared?(): DeclaredKeys;
  /** Told of each change, so that what is remembered about keys is dropped: a parent's end is its sub-keys' too. */
  onChange(): void;
}

const SHOWN_CHARS = KEY_PREFIX.length + 4;

/** Scopes a key may be given beyond making calls. */
export const KEY_SCOPES: ReadonlySet<string> = new Set(['metrics']);

/** Makes, lists and revokes keys. The secret leaves here once, in the answer to its making. */
export class Keyring {
  readonly #parts: KeyringParts;

  constructor(parts: KeyringParts) {
    this.#parts = parts;
  }

  /**
   * @param beforeUse what must stand before the key can make its first call, such as its cap; when it fails, there is no key
   * @returns the secret, never to be had again, and the key as lists show it
   * @throws `not_found` for an unknown parent or project, `invalid_request` for a parent that is revoked, of another
   *   project, or itself below too many, for an unknown scope, for an expiry in the past, or for a rule that is none
   */
  async create(
    request: KeyRequest,
    beforeUse?: (key: StoredKey) => Promise<void>,
  ): Promise<{ readonly secret: string; readonly key: StoredKey }> {
    const { store, peppers, random, ids, clock, tenant } = this.#parts;
    const now = clock.now();
    const parent = request.parent === undefined ? undefined : await this.#parent(request.parent, request.project);
    checkScopes(request.scopes ?? []);
    if (request.allow !== undefined) checkAllowance(request.allow);
    if (request.expiresAt !== undefined && request.expiresAt <= now) {
      throw new GatewayError('invalid_request', { message: 'The expiry lies in the past.', param: 'expires_at' });
    }
    const owner = parent ?? (await this.#owner(request.project, tenant));
    const expiresAt = earliest([request.expiresAt, parent?.expiresAt]);
    const secret = makeKey(random);
    const key: StoredKey = {
      id: ids.next('key'),
      organisation: owner.organisation,
      project: owner.project,
      ...(parent === undefined ? {} : { parentKeyId: parent.id }),
      name: request.name,
      prefix: secret.slice(0, SHOWN_CHARS),
      last4: secret.slice(-4),
      scopes: [...(request.scopes ?? [])],
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(request.allow === undefined ? {} : { allow: request.allow }),
      createdAt: now,
      createdBy: request.createdBy,
    };
    await beforeUse?.(key);
    await store.insert({ ...key, ...peppers.hash(secret) });
    return { secret, key };
  }

  /** The store's keys in the order they were made, then those of the configuration. */
  async list(): Promise<readonly StoredKey[]> {
    const { store, declared } = this.#parts;
    return [...(await store.list()), ...(declared?.().list() ?? [])];
  }

  /**
   * Revokes a key and, through it, its sub-keys. A second time changes nothing.
   * @throws `not_found`; `forbidden` for one that the configuration declares
   */
  async revoke(id: string): Promise<StoredKey> {
    const { store, clock, onChange } = this.#parts;
    this.#refuseDeclared(id, 'revoked');
    const key = await store.byId(id);
    if (key === undefined) throw unknownKey(id);
    if (key.revokedAt === undefined) await store.revoke(id, clock.now());
    onChange();
    return (await store.byId(id)) ?? key;
  }

  /** The key with this secret under any pepper in force. */
  async find(secret: string): Promise<KnownKey | undefined> {
    for (const hash of this.#parts.peppers.hashes(secret)) {
      const key = await this.#parts.store.byHash(hash);
      if (key !== undefined) return this.#narrowed(key);
    }
    return undefined;
  }

  /** A key by its id, as its calls are judged; `undefined` when there is none. */
  async byId(id: string): Promise<KnownKey | undefined> {
    const declared = this.#parts.declared?.().byId(id);
    if (declared !== undefined) return declared;
    const key = await this.#parts.store.byId(id);
    return key && this.#narrowed(key);
  }

  async #narrowed(key: StoredKey): Promise<KnownKey> {
    return narrowedBy(key, key.parentKeyId === undefined ? [] : await this.#parts.store.parentsOf(key.id));
  }

  /** What the file says, the file alone can change: otherwise the next reload would undo it. */
  #refuseDeclared(id: string, done: string): void {
    const key = this.#parts.declared?.().byId(id);
    if (key?.declaredIn === undefined) return;
    throw new GatewayError('forbidden', {
      message: `The key ${id} cannot be ${done} here: ${key.declaredIn} declares it. Remove keys.${key.name} from that file.`,
    });
  }

  async #owner(project: string | undefined, tenant: KeyringParts['tenant']): Promise<KeyringParts['tenant']> {
    if (project === undefined || project === tenant.project) return tenant;
    const organisation = await this.#parts.store.organisationOf(project);
    if (organisation !== undefined) return { organisation, project };
    throw new GatewayError('not_found', {
      message: `There is no project ${project.slice(0, 64)}. Leave it out for ${tenant.project}.`,
      param: 'project',
    });
  }

  async #parent(id: string, project: string | undefined): Promise<StoredKey> {
    this.#refuseDeclared(id, 'a parent');
    const parent = await this.#parts.store.byId(id);
    if (parent === undefined) throw unknownKey(id);
    if (parent.revokedAt !== undefined) {
      throw new GatewayError('invalid_request', { message: `The parent key ${id} is revoked.`, param: 'parent' });
    }
    const above = parent.parentKeyId === undefined ? [] : await this.#parts.store.parentsOf(id);
    if (above.length >= PARENTS_MAX) {
      throw new GatewayError('invalid_request', {
        message: `The parent key ${id} stands below ${PARENTS_MAX} others already. Take one of those.`,
        param: 'parent',
      });
    }
    if (project === undefined || project === parent.project) return parent;
    throw new GatewayError('invalid_request', {
      message: `A sub-key belongs to its parent's project, which is ${parent.project}. Leave project out.`,
      param: 'project',
    });
  }
}

function checkScopes(scopes: readonly string[]): void {
  const unknown = scopes.find((scope) => !KEY_SCOPES.has(scope));
  if (unknown === undefined) return;
  throw new GatewayError('invalid_request', {
    message: `There is no scope '${unknown.slice(0, 64)}'. Known: ${[...KEY_SCOPES].join(', ')}.`,
    param: 'scopes',
  });
}

function unknownKey(id: string): GatewayError {
  return new GatewayError('not_found', { message: `There is no key ${id.slice(0, 64)}.` });
}
