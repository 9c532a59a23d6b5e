import { z } from 'zod';
import { ALERT_KINDS } from '../../money/alerts.ts';
import { count, instant, money, pageQuery } from './leaves.ts';

export const alertsQuery = z.strictObject({ ...pageQuery, kind: z.enum(ALERT_KINDS).optional() });

export const alert = z
  .object({
    number: count.describe('Counts up from the start of the server.'),
    at: instant,
    kind: z.enum(ALERT_KINDS),
    message: z.string(),
    budget: z.string().nullable(),
    subject: z.string().nullable().describe('The end user or the task, for a budget of each.'),
    settled: money,
    limit: money,
    excess: money.describe('By how much a call went beyond what was set aside for it.'),
    call: z.string().nullable(),
    provider: z.string().nullable(),
    model: z.string().nullable(),
  })
  .meta({ id: 'Alert' });
