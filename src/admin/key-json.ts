import type { StoredKey } from '../access/keyring.ts';

/** A key as JSON, instants in ISO 8601. Its secret is never part of it. */
export function keyJson(key: StoredKey) {
  const instant = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    last4: key.last4,
    organisation: key.organisation,
    project: key.project,
    parent: key.parentKeyId ?? null,
    scopes: [...key.scopes],
    allow: {
      models: listOrNull(key.allow?.models),
      routes: listOrNull(key.allow?.routes),
      addresses: listOrNull(key.allow?.addresses),
      priority_max: key.allow?.priorityMax ?? null,
    },
    created_at: new Date(key.createdAt).toISOString(),
    created_by: key.createdBy,
    expires_at: instant(key.expiresAt),
    revoked_at: instant(key.revokedAt),
    origin: key.declaredIn === undefined ? ('database' as const) : ('file' as const),
    declared_in: key.declaredIn ?? null,
  };
}

function listOrNull(names: readonly string[] | undefined): string[] | null {
  return names === undefined ? null : [...names];
}
