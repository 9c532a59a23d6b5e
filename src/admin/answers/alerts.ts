import { z } from 'zod';
import type { Alert } from '../../money/alerts.ts';
import type { AdminParts } from '../admin-parts.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import type { Answer, Question } from './answers.ts';
import { moneyJson } from './call-json.ts';
import { isoTime } from './instants.ts';

const LIST = 'alerts';
const position = z.tuple([z.number()]);

/** The newest first. */
export function alertsAnswer(
  { money }: Pick<AdminParts, 'money'>,
  { query }: Question<'list_alerts'>,
): Answer<'list_alerts'> {
  const { limit, cursor, kind } = query;
  const [before = Number.POSITIVE_INFINITY] = cursor === undefined ? [] : readCursor(LIST, position, cursor);
  const found = money.alerts().filter((alert) => alert.number < before && (kind ?? alert.kind) === alert.kind);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map(alertJson),
    next_cursor: last === undefined || found.length === page.length ? null : writeCursor(LIST, last.number),
  };
}

function alertJson(alert: Alert): Answer<'list_alerts'>['data'][number] {
  return {
    number: alert.number,
    at: isoTime(alert.at),
    kind: alert.kind,
    message: alert.message,
    budget: alert.budgetId ?? null,
    subject: alert.subject ?? null,
    settled: moneyJson(alert.settled),
    limit: moneyJson(alert.limit),
    excess: moneyJson(alert.excess),
    call: alert.callId ?? null,
    provider: alert.provider ?? null,
    model: alert.model ?? null,
  };
}
