import { z } from 'zod';
import { askedUsd } from './budgets.ts';
import { asked, instant, money, pageQuery } from './leaves.ts';

/** What was booked by hand; charges of calls stand with their calls. */
export const BOOKING_KINDS = ['top_up', 'refund', 'adjustment', 'transfer'] as const;

const shared = {
  id: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable characters without spaces')
    .describe('Of your own choice, such as the number of an invoice: the same booking twice is booked once.'),
  budget: asked.describe('The id of a budget with credit.'),
  amount_usd: askedUsd.describe('How much may be spent more, or less.'),
  note: z.string().max(500).optional(),
};

/** `POST /admin/credits` takes it. */
export const newBooking = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('top_up'),
      ...shared,
      paid_usd: askedUsd.describe('What was paid for it: less than the credit where it was bought at a discount.'),
    })
    .describe('Credit is bought.'),
  z
    .strictObject({
      kind: z.literal('refund'),
      ...shared,
      paid_usd: askedUsd.describe('What the buyer gets back for it.'),
    })
    .describe('Unused credit is handed back: no more than is left.'),
  z
    .strictObject({
      kind: z.literal('adjustment'),
      ...shared,
      budget: asked.describe(
        'The id of any budget that is not one of each: what is spent in its window of now is put right.',
      ),
      towards: z.enum(['more', 'less']).describe('Whether more or less counts as spent.'),
    })
    .describe('What is spent is put right, with no call to blame.'),
  z
    .strictObject({
      kind: z.literal('transfer'),
      ...shared,
      to: asked.describe('The id of another budget with credit.'),
    })
    .describe('Credit moves to another budget: no more than is left.'),
]);

export const booked = z
  .object({
    id: z.string(),
    booked: z.boolean().describe('False when the same was booked before: nothing has changed.'),
  })
  .meta({ id: 'Booked' });

export const bookingsQuery = z.strictObject({
  ...pageQuery,
  budget: asked.optional(),
  kind: z.enum(BOOKING_KINDS).optional(),
});

export const booking = z
  .object({
    id: z.string(),
    kind: z.enum(BOOKING_KINDS),
    at: instant,
    amount: money,
    paid: money.describe('What was paid for a top-up, or given back for a refund.'),
    from: z.string().nullable().describe('The budget that gave; null for none.'),
    to: z.string().nullable().describe('The budget that got; null for none.'),
    note: z.string().nullable(),
    created_by: z.string(),
  })
  .meta({ id: 'Booking' });
