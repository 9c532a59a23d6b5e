import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { type Caller, callerOf } from '../call/caller.ts';
import { parsed } from '../call/chat-reader.ts';
import { send, textOf } from '../call/send.ts';
import { deadline } from '../deadline.ts';
import { findServer, type ServerFlags } from '../running-server.ts';
import type { Kind, Suggestion } from './suggest.ts';

/** A person waits with a finger on the key: whatever takes longer is done without. */
const ANSWER_MS_MAX = 300;

const list = <T>(entry: z.ZodType<T>) => z.looseObject({ data: z.array(entry) }).transform(({ data }) => data);
const models = list(z.looseObject({ id: z.string(), owned_by: z.string().nullish() }));
const keys = list(z.looseObject({ id: z.string(), name: z.string().nullish(), revoked_at: z.unknown() }));
const calls = list(z.looseObject({ id: z.string(), model_asked: z.string().nullish() }));
const providers = list(z.looseObject({ name: z.string(), state: z.string().nullish() }));

/** What the running server knows of this kind; nothing when none runs, or when it is too slow. */
export async function candidates(
  kind: Exclude<Kind, 'file' | 'dir'>,
  flags: ServerFlags,
  env: NodeJS.ProcessEnv,
  clock: Clock,
): Promise<Suggestion[]> {
  const waiting = deadline(clock, ANSWER_MS_MAX);
  const get = async ({ url, key }: Pick<Caller, 'url' | 'key'>, path: string) =>
    parsed(await textOf(await send({ method: 'GET', url: `${url}${path}`, key, signal: waiting.signal })));
  try {
    if (kind === 'model') {
      const { url } = flags;
      const found = models.parse(
        await get(callerOf({ data: flags.data, ...(url === undefined ? {} : { url }) }, env), '/v1/models'),
      );
      return found.map(({ id, owned_by }) => ({ value: id, about: owned_by ?? '' }));
    }
    const server = findServer(flags);
    if (server === undefined) return [];
    const admin = { url: server.url, key: server.token };
    if (kind === 'provider') {
      const found = providers.parse(await get(admin, '/admin/providers'));
      return found.map(({ name, state }) => ({ value: name, about: state ?? '' }));
    }
    if (kind === 'call') {
      const found = calls.parse(await get(admin, '/admin/calls?limit=20'));
      return found.map(({ id, model_asked }) => ({ value: id, about: model_asked ?? '' }));
    }
    const found = keys.parse(await get(admin, '/admin/keys?limit=200'));
    return found.filter((key) => key.revoked_at == null).map(({ id, name }) => ({ value: id, about: name ?? '' }));
  } catch {
    // Nothing may be printed into a command line that is being typed; without a server there is nothing to suggest.
    return [];
  } finally {
    waiting.cancel();
  }
}
