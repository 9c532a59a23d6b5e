import { z } from 'zod';
import { nano } from '../../kernel/amounts.ts';
import { usdText } from '../../kernel/usd-text.ts';
import type { UsageFigures } from '../../store/usage-figures.ts';
import { usageReport } from '../../store/usage-queries.ts';
import type { AdminParts } from '../admin-parts.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { freshen } from '../freshness.ts';
import type { Answer, Question } from './answers.ts';
import { isoTime } from './instants.ts';
import { rangeOf } from './range.ts';

const LIST = 'usage';
/** How many groups came before, and the range of the first page. */
const position = z.tuple([z.int().min(0), z.number(), z.number()]);

/** Also what a store has that no server has open. */
type UsageParts = Pick<AdminParts, 'clock' | 'store' | 'journal' | 'warn'>;

export async function usageAnswer(parts: UsageParts, { query }: Question<'usage'>): Promise<Answer<'usage'>> {
  const { limit, cursor, group_by: groupBy, project, key } = query;
  const after = cursor === undefined ? undefined : readCursor(LIST, position, cursor);
  const nowAt = parts.clock.now();
  const [from, to] =
    after === undefined
      ? rangeOf({ from: query.from, to: query.to, names: ['from', 'to'] }, nowAt)
      : [after[1], after[2]];
  const offset = after?.[0] ?? 0;
  const replayedAt = await freshen(parts);
  const { groups, total } = await usageReport(parts.store.database, {
    from,
    to,
    groupBy,
    limit: limit + 1,
    offset,
    ...(project === undefined ? {} : { project }),
    ...(key === undefined ? {} : { keyId: key }),
  });
  return {
    group_by: groupBy,
    from: isoTime(from),
    to: isoTime(to),
    data: groups.slice(0, limit).map(({ group, ...figures }) => ({ group, ...figuresJson(figures) })),
    total: figuresJson(total),
    next_cursor: groups.length > limit ? writeCursor(LIST, offset + limit, from, to) : null,
    replayed_until: isoTime(replayedAt),
  };
}

function figuresJson(figures: UsageFigures): Answer<'usage'>['total'] {
  const { costNanoUsd } = figures;
  return {
    calls: figures.calls,
    attempts: figures.attempts,
    errors: figures.errors,
    input_tokens: figures.inputTokens ?? null,
    cached_input_tokens: figures.cachedInputTokens ?? null,
    output_tokens: figures.outputTokens ?? null,
    cost_nano_usd: costNanoUsd?.toString() ?? null,
    cost_usd: costNanoUsd === undefined ? null : usdText(nano(costNanoUsd)),
    calls_without_cost: figures.callsWithoutCost,
  };
}
