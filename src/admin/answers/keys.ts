import { z } from 'zod';
import { GatewayError } from '../../kernel/errors.ts';
import type { BudgetInForce } from '../../money/budgets.ts';
import type { Allowance } from '../../protocol/allowance.ts';
import type { AdminParts } from '../admin-parts.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { keyJson } from '../key-json.ts';
import type { Answer, Question } from './answers.ts';
import { limitsOf } from './budgets.ts';

const LIST = 'keys';
/** After a key of the store, or among those of the file after an id; the empty one stands before all of them. */
const position = z.union([
  z.tuple([z.literal('store'), z.number(), z.string()]),
  z.tuple([z.literal('file'), z.string()]),
]);

/** The store's keys in the order they were made, then those of the file in the order of their ids. */
export async function keysAnswer({ keys }: AdminParts, { query }: Question<'list_keys'>): Promise<Answer<'list_keys'>> {
  const { limit, project, cursor } = query;
  const after = cursor === undefined ? undefined : readCursor(LIST, position, cursor);
  const stored = after?.[0] === 'file' ? [] : await keys.page(storePage(limit + 1, project, after));
  const last = stored[limit - 1];
  if (last !== undefined && stored.length > limit) {
    return {
      data: stored.slice(0, limit).map(keyJson),
      next_cursor: writeCursor(LIST, 'store', last.createdAt, last.id),
    };
  }
  const afterId = after?.[0] === 'file' ? after[1] : '';
  const declared = keys
    .declared()
    .filter((key) => key.id > afterId && (project === undefined || key.project === project))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  const page = declared.slice(0, limit - stored.length);
  return {
    data: [...stored, ...page].map(keyJson),
    next_cursor: page.length === declared.length ? null : writeCursor(LIST, 'file', page.at(-1)?.id ?? afterId),
  };
}

function storePage(limit: number, project: string | undefined, after: z.output<typeof position> | undefined) {
  return {
    limit,
    ...(project === undefined ? {} : { project }),
    ...(after?.[0] === 'store' ? { after: { createdAt: after[1], id: after[2] } } : {}),
  };
}

/** Also what a store has that no server has open. */
export type KeyMakingParts = Pick<AdminParts, 'keyring' | 'money'>;

export async function createdKeyAnswer(
  { keyring, money }: KeyMakingParts,
  { body }: Question<'create_key'>,
  createdBy = 'admin',
): Promise<Answer<'create_key'>> {
  const { name, parent, project, scopes, expires_at, allow, cap } = body;
  let budget: BudgetInForce | undefined;
  const { secret, key } = await keyring.create(
    {
      name,
      ...(parent === undefined ? {} : { parent }),
      ...(project === undefined ? {} : { project }),
      ...(scopes === undefined ? {} : { scopes }),
      ...(expires_at === undefined ? {} : { expiresAt: Date.parse(expires_at) }),
      ...(allow === undefined ? {} : { allow: given(allow) }),
      createdBy,
    },
    async ({ id, organisation, allow: rule }) => {
      // Whoever sees the key may use it at once: its cap must stand by then.
      if (cap === undefined) return;
      const { per, ...limits } = cap;
      const scope = { kind: 'key' as const, id };
      const request = { scope, period: per, ...limitsOf(limits), credit: false, organisation, by: createdBy };
      budget = (await money.budgets.set(request, rule)).entry;
    },
  );
  return { ...keyJson(key), budget: budget?.budget.id ?? null, key: secret };
}

/** Without the parts that were left out. */
function given({ models, routes, addresses }: NonNullable<Question<'create_key'>['body']['allow']>): Allowance {
  return {
    ...(models === undefined ? {} : { models }),
    ...(routes === undefined ? {} : { routes }),
    ...(addresses === undefined ? {} : { addresses }),
  };
}

export async function keyAnswer({ keys }: AdminParts, { params }: Question<'get_key'>): Promise<Answer<'get_key'>> {
  const key = await keys.byId(params.id);
  if (key !== undefined) return keyJson(key);
  throw new GatewayError('not_found', {
    message: `There is no key ${params.id.slice(0, 64)}. GET /admin/keys lists them.`,
  });
}

export async function revokedKeyAnswer(
  { keyring }: AdminParts,
  { params }: Question<'revoke_key'>,
): Promise<Answer<'revoke_key'>> {
  return keyJson(await keyring.revoke(params.id));
}
