import { z } from 'zod';
import { GatewayError } from '../../kernel/errors.ts';
import type { AccountRef } from '../../money/budget.ts';
import type { Booked, Booking } from '../../money/ledger-books.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import type { Answer, Question } from './answers.ts';
import type { BudgetParts } from './budgets.ts';
import { moneyJson } from './call-json.ts';
import { isoTime } from './instants.ts';

const LIST = 'bookings';
const position = z.tuple([z.number(), z.string()]);

type NewBooking = Question<'book'>['body'];

export async function bookedAnswer(
  parts: BudgetParts,
  { body }: Question<'book'>,
  createdBy = 'admin',
): Promise<Answer<'book'>> {
  const account = accountOf(parts, body.budget, body.kind !== 'adjustment');
  if (body.amount_usd <= 0n) throw refused('amount_usd', 'amount_usd must be above 0.');
  const id = `${body.kind}/${body.id}`;
  const done = await booked(parts, body, account, {
    id,
    organisation: account.budget.organisation,
    amount: body.amount_usd,
    at: parts.clock.now(),
    ...(body.note === undefined ? {} : { note: body.note }),
    createdBy,
  });
  if (done === 'short') throw tooLittle(body);
  if (done === 'conflict') {
    throw new GatewayError('idempotency_conflict', {
      message: `${id} was booked before with other figures. Take another id, or the same figures.`,
      param: 'id',
    });
  }
  return { id, booked: done === 'booked' };
}

function booked(
  { money, clock }: BudgetParts,
  body: NewBooking,
  account: AccountRef,
  booking: Booking,
): Promise<Booked> {
  const { books } = money;
  switch (body.kind) {
    case 'top_up':
      return books.topUp({ ...booking, account, paid: body.paid_usd });
    case 'refund':
      return books.withdraw({ ...booking, account, paid: body.paid_usd });
    case 'adjustment':
      return books.adjust({ ...booking, accounts: [account], towards: body.towards });
    case 'transfer': {
      const to = accountOf({ money, clock }, body.to, true);
      if (to.budget.id === account.budget.id) throw refused('to', 'Credit cannot move to the budget that it is on.');
      return books.transfer({ ...booking, from: account, to });
    }
  }
}

function accountOf({ money, clock }: BudgetParts, id: string, creditWanted: boolean): AccountRef {
  const budget = money.budgets.byId(id)?.budget;
  if (budget === undefined) {
    throw new GatewayError('not_found', {
      message: `There is no budget ${id.slice(0, 64)}. GET /admin/budgets lists them.`,
      param: 'budget',
    });
  }
  if (creditWanted && !budget.credit) {
    throw refused('budget', `The budget ${id} has a cap, not credit. Set one with credit: true, then buy for that.`);
  }
  if (budget.each !== undefined) throw refused('budget', `The budget ${id} is one of each: it has no single account.`);
  return money.budgets.accountAt(budget, '', clock.now());
}

export async function bookingsAnswer(
  { money }: BudgetParts,
  { query }: Question<'list_bookings'>,
): Promise<Answer<'list_bookings'>> {
  const { limit, cursor, kind, budget } = query;
  const [at, id] = cursor === undefined ? [] : readCursor(LIST, position, cursor);
  const found = await money.bookings({
    limit: limit + 1,
    ...(kind === undefined ? {} : { kind }),
    ...(budget === undefined ? {} : { budgetId: budget }),
    ...(at === undefined || id === undefined ? {} : { before: { at, id } }),
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map((transfer) => ({
      id: transfer.id,
      kind: transfer.kind,
      at: isoTime(transfer.at),
      amount: moneyJson(transfer.amount),
      paid: moneyJson(transfer.paid),
      from: transfer.from ?? null,
      to: transfer.to ?? null,
      note: transfer.note ?? null,
      created_by: transfer.createdBy,
    })),
    next_cursor: last === undefined || found.length === page.length ? null : writeCursor(LIST, last.at, last.id),
  };
}

function tooLittle({ kind, budget }: NewBooking): GatewayError {
  const what = kind === 'adjustment' ? 'is spent' : 'is left';
  return new GatewayError('budget_exceeded', {
    message: `Not so much ${what} on ${budget}: nothing was booked. GET /admin/budgets/${budget} says how much it is.`,
    param: 'amount_usd',
  });
}

function refused(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', { message, param });
}
