import { z } from 'zod';
import { callAnswer, callsAnswer } from '../admin/answers/calls.ts';
import { taskAnswer } from '../admin/answers/tasks.ts';
import { usageAnswer } from '../admin/answers/usage.ts';
import { linesAnswer, usageHoursAnswer } from '../admin/answers/usage-lines.ts';
import { ADMIN_CONTRACT } from '../admin/contract/contract.ts';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import { openOfflineStore } from './offline-store.ts';
import type { Environment } from './store-place.ts';

/** What a store that no server has open recorded, asked for as the administrative API is. */
export interface OfflineRecords {
  /** What `GET` of a path below `/admin/calls` or `/admin/usage`, or of `/admin/task`, would answer. @throws `not_found`, `invalid_request` */
  get(path: string): Promise<unknown>;
  close(): Promise<void>;
}

const ORIGIN = 'http://store';

/** @throws `not_found` where there is no store; `internal` when a server has it open */
export async function openOfflineRecords(dataDir: string, clock: Clock, env: Environment): Promise<OfflineRecords> {
  const store = await openOfflineStore(dataDir, clock, env);
  let trouble: unknown;
  const parts = {
    clock,
    store,
    journal: store.journal,
    recentCall: () => undefined,
    warn(error: unknown) {
      trouble = error;
    },
  };
  const answer = (path: string) => {
    const { pathname, searchParams } = new URL(path, ORIGIN);
    const query = Object.fromEntries(searchParams);
    const asked = { params: undefined, body: undefined };
    if (pathname === '/admin/usage') {
      return usageAnswer(parts, { ...asked, query: read(ADMIN_CONTRACT.usage.query, query) });
    }
    if (pathname === '/admin/usage/hours') {
      return usageHoursAnswer(parts, { ...asked, query: read(ADMIN_CONTRACT.list_usage_hours.query, query) });
    }
    if (pathname === '/admin/usage/lines') {
      return linesAnswer(parts, { ...asked, query: read(ADMIN_CONTRACT.list_lines.query, query) });
    }
    if (pathname === '/admin/task') {
      return taskAnswer(parts, { ...asked, query: read(ADMIN_CONTRACT.get_task.query, query) });
    }
    if (pathname === '/admin/calls') {
      return callsAnswer(parts, { ...asked, query: read(ADMIN_CONTRACT.list_calls.query, query) });
    }
    const id = decodeURIComponent(pathname.split('/').at(-1) ?? '');
    return callAnswer(parts, { ...asked, params: read(ADMIN_CONTRACT.get_call.params, { id }), query: {} });
  };
  return {
    async get(path) {
      const answered = await answer(path);
      // The journal could not be brought into the store: a part must not be passed off as all there is.
      if (trouble !== undefined) throw trouble;
      return answered;
    },
    close: () => store.close(),
  };
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GatewayError('invalid_request', { message: z.prettifyError(parsed.error) });
}
