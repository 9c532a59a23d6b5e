import { z } from 'zod';

/* The parts of the administrative API's answers that are read here; `--json` prints all. */

const money = z.looseObject({ nano_usd: z.string(), usd: z.string() }).nullish();

export const accountView = z.looseObject({
  subject: z.string(),
  window_start: z.string().nullish(),
  resets_at: z.string().nullish(),
  settled: money,
  held: money,
  limit: money,
  left: money,
});

export const budgetView = z.looseObject({
  id: z.string(),
  scope: z.looseObject({ kind: z.string(), id: z.string() }),
  each: z.string().nullish(),
  per: z.string(),
  time_zone: z.string().nullish(),
  hard: money,
  soft: money,
  credit: z.boolean().nullish(),
  origin: z.string().nullish(),
  account: accountView.nullish(),
  created: z.boolean().nullish(),
});

export const bookingView = z.looseObject({
  id: z.string(),
  kind: z.string(),
  at: z.string(),
  amount: money,
  paid: money,
  from: z.string().nullish(),
  to: z.string().nullish(),
  note: z.string().nullish(),
});

export const bookedView = z.looseObject({ id: z.string(), booked: z.boolean() });

export const alertView = z.looseObject({ number: z.number(), at: z.string(), kind: z.string(), message: z.string() });

export type AccountView = z.output<typeof accountView>;
export type BudgetView = z.output<typeof budgetView>;
export type BookingView = z.output<typeof bookingView>;
export type AlertView = z.output<typeof alertView>;
