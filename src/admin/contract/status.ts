import { z } from 'zod';
import { count, instant } from './leaves.ts';

export const configState = z
  .object({
    version: z.string().describe('Of the configuration in force; each call names the one it ran under.'),
    path: z.string().nullable().describe('Null where there is no file.'),
    loaded_at: instant,
    last_error: z
      .object({ at: instant, text: z.string() })
      .nullable()
      .describe('Why the last reload changed nothing; null once one succeeded.'),
    warnings: z.array(z.string()),
    restart_needed: z.array(z.string()).describe('Settings of the file that wait for a restart.'),
  })
  .meta({ id: 'ConfigState' });

export const provider = z
  .object({
    name: z.string(),
    preset: z.string(),
    base_url: z.string().nullable(),
    origin: z.string().nullable().describe('file, environment, local-server or default.'),
    source: z.string().describe('The same as a person would say it, such as OPENAI_API_KEY.'),
    state: z
      .enum(['ok', 'degraded', 'refused', 'unreachable', 'unchecked'])
      .describe('What was last seen of it. unchecked: nobody has asked yet.'),
    detail: z.string().nullable(),
    models: count.nullable().describe('How many models it lists; null when it was not asked.'),
    last_ok_at: instant.nullable(),
    last_error_at: instant.nullable(),
    last_error: z.string().nullable(),
  })
  .meta({ id: 'Provider' });

export const status = z
  .object({
    version: z.string(),
    mode: z.string().describe('dev or serve.'),
    started_at: instant,
    uptime_s: count,
    base_url: z.string().describe('Where clients reach the API, without /v1.'),
    admin_url: z.string().describe('Where this API answers; the same unless server.admin says otherwise.'),
    pid: count,
    node_version: z.string(),
    store: z.object({
      state: z.string().describe('open, restarting or closed; readiness fails unless it is open.'),
      reason: z.string().nullable(),
      restarts: count,
    }),
    journal: z.object({
      lag_records: count.describe('Records that are not in the store yet.'),
      lag_bytes: count,
      replayed_until: instant.describe('What happened before is in the store.'),
      rejected_records: count.describe('Records that were set aside in rejected.log since the start.'),
      can_admit: z.boolean().describe('Whether a new call would be taken.'),
      problem: z.string().nullable(),
    }),
    config: configState,
    exchanges_running: count,
    providers: z.array(provider),
  })
  .meta({ id: 'Status' });
