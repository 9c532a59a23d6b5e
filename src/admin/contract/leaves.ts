import { z } from 'zod';

/** The most entries one answer holds. */
export const PAGE_ENTRIES_MAX = 200;
const PAGE_ENTRIES = 50;

/** An instant in an answer. */
export const instant = z.iso.datetime().describe('ISO 8601, in UTC');

/** An instant in a question, as milliseconds since the epoch. */
export const askedInstant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'must be an instant such as 2026-11-21T13:00:00Z, or a day such as 2026-11-21',
  })
  .transform((text) => Date.parse(text))
  .describe('An ISO 8601 instant, or a day, which means its first moment in UTC.');

/** An amount twice: to reckon with, and to read. Null where it is not known, which is not 0. */
export const money = z
  .object({
    nano_usd: z
      .string()
      .regex(/^-?\d+$/)
      .describe('Billionths of a US dollar, in digits.'),
    usd: z.string().describe('The same in US dollars, exact.'),
  })
  .nullable();

export const count = z.int().min(0);

/** A name or an id to look for. */
export const asked = z.string().min(1).max(256);

export const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(PAGE_ENTRIES_MAX)
  .default(PAGE_ENTRIES)
  .describe('How many entries to answer at most.');

export const cursor = z
  .string()
  .min(1)
  .max(1_024)
  .describe("The next_cursor of the page before; the list's other filters must stay the same.");

/** What every list takes. */
export const pageQuery = { limit, cursor: cursor.optional() };

export const noQuery = z.strictObject({});
export const idParams = z.strictObject({ id: z.string().min(1).max(128) });

/** What every list answers. */
export const nextCursor = z.string().nullable().describe('Where the next page begins; null on the last one.');

export function pageOf<Entry extends z.ZodType>(entry: Entry) {
  return z.object({ data: z.array(entry), next_cursor: nextCursor });
}
