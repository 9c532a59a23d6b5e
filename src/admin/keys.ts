import { z } from 'zod';
import type { Keyring, StoredKey } from '../access/keyring.ts';
import type { BodyReceiver } from '../edge/http/body.ts';
import { sendJson } from '../edge/http/reads.ts';
import type { Route, RouteContext } from '../edge/http/routes.ts';
import { GatewayError } from '../kernel/errors.ts';

const newKey = z.strictObject({
  name: z.string().trim().min(1).max(200),
  parent: z.string().max(64).optional(),
  scopes: z.array(z.string().max(64)).max(20).optional(),
  expires_at: z.iso.datetime({ offset: true }).optional(),
});

export interface KeyRouteParts {
  readonly keyring: () => Keyring;
  readonly bodies: () => BodyReceiver;
}

/** Keys over HTTP, for the command line and for scripts; the admin token opens it. */
export function keyRoutes(parts: KeyRouteParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/keys',
      guard: 'admin',
      async handle({ res, requestId }) {
        const keys = await parts.keyring().list();
        sendJson(res, requestId, { data: keys.map(keyJson) });
      },
    },
    {
      method: 'POST',
      path: '/admin/keys',
      guard: 'admin',
      async handle(context) {
        const { name, parent, scopes, expires_at } = await readBody(context, parts.bodies());
        const { secret, key } = await parts.keyring().create({
          name,
          ...(parent === undefined ? {} : { parent }),
          ...(scopes === undefined ? {} : { scopes }),
          ...(expires_at === undefined ? {} : { expiresAt: Date.parse(expires_at) }),
          createdBy: 'admin',
        });
        sendJson(context.res, context.requestId, { ...keyJson(key), key: secret }, 201);
      },
    },
    {
      method: 'POST',
      path: '/admin/keys/{id}/revoke',
      guard: 'admin',
      async handle({ res, requestId, param }) {
        sendJson(res, requestId, keyJson(await parts.keyring().revoke(param)));
      },
    },
  ];
}

async function readBody(context: RouteContext, bodies: BodyReceiver): Promise<z.output<typeof newKey>> {
  await using body = await bodies.receive(context);
  let value: unknown;
  try {
    value = JSON.parse((await body.bytes()).toString('utf8'));
  } catch (cause) {
    throw new GatewayError('invalid_request', { message: 'The request body is not valid JSON.', cause });
  }
  const parsed = newKey.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  throw new GatewayError('invalid_request', {
    message: at === '' ? (issue?.message ?? 'The body is not a key request.') : `${at}: ${issue?.message}`,
    param: at,
  });
}

/** A key as JSON, instants in ISO 8601. Its secret is never part of it. */
export function keyJson(key: StoredKey): Record<string, unknown> {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    last4: key.last4,
    organisation: key.organisation,
    project: key.project,
    parent: key.parentKeyId ?? null,
    scopes: key.scopes,
    created_at: new Date(key.createdAt).toISOString(),
    created_by: key.createdBy,
    // Where it is changed: in the database, or in the file named beside it.
    origin: key.declaredIn === undefined ? 'database' : 'file',
    declared_in: key.declaredIn ?? null,
    expires_at: key.expiresAt === undefined ? null : new Date(key.expiresAt).toISOString(),
    revoked_at: key.revokedAt === undefined ? null : new Date(key.revokedAt).toISOString(),
  };
}
