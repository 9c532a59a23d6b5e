import { visibleText } from '../../observability/format.ts';
import { type Terminal, tableText } from '../io.ts';
import { usdShown } from '../money-text.ts';
import type { AccountView, AlertView, BookingView, BudgetView } from './views.ts';

const TEXT_CHARS_MAX = 120;

export function budgetTable(budgets: readonly BudgetView[], terminal?: Terminal): string {
  // Where budgets come from is worth a column once they come from two places.
  const declared = budgets.some(({ origin }) => origin === 'file');
  const rows = budgets.map((budget) => [
    budget.id,
    `${budget.scope.kind} ${budget.scope.id}`,
    budget.credit === true ? 'credit' : `${budget.per}${budget.each == null ? '' : ` each ${budget.each}`}`,
    ...figures(budget.account, budget),
    ...(declared ? [budget.origin ?? ''] : []),
  ]);
  const headings = ['ID', 'OF', 'PER', 'SPENT', 'HELD', 'CAP', 'LEFT', 'RESETS', ...(declared ? ['FROM'] : [])];
  return tableText(headings, rows, terminal);
}

function figures(account: AccountView | null | undefined, { hard }: BudgetView): string[] {
  if (account == null) return ['–', '–', cap(hard), '–', ''];
  return [
    usdShown(account.settled),
    usdShown(account.held),
    cap(account.limit),
    cap(account.left),
    instant(account.resets_at),
  ];
}

/** No cap is no unknown one. */
function cap(amount: unknown): string {
  return amount == null ? 'none' : usdShown(amount);
}

export function accountTable(accounts: readonly AccountView[], terminal?: Terminal): string {
  const rows = accounts.map((account) => [
    account.subject === '' ? 'unnamed' : visibleText(account.subject, TEXT_CHARS_MAX),
    instant(account.window_start),
    usdShown(account.settled),
    usdShown(account.held),
    cap(account.limit),
    cap(account.left),
  ]);
  return tableText(['SUBJECT', 'SINCE', 'SPENT', 'HELD', 'CAP', 'LEFT'], rows, terminal);
}

export function bookingTable(bookings: readonly BookingView[], terminal?: Terminal): string {
  const rows = bookings.map((booking) => [
    booking.id,
    instant(booking.at),
    usdShown(booking.amount),
    booking.paid == null ? '' : usdShown(booking.paid),
    booking.from ?? '',
    booking.to ?? '',
    visibleText(booking.note ?? '', TEXT_CHARS_MAX),
  ]);
  return tableText(['ID', 'AT', 'AMOUNT', 'PAID', 'FROM', 'TO', 'NOTE'], rows, terminal);
}

export function alertTable(alerts: readonly AlertView[], terminal?: Terminal): string {
  const rows = alerts.map(({ at, kind, message }) => [instant(at), kind, visibleText(message, 300)]);
  return tableText(['AT', 'KIND', 'ALERT'], rows, terminal);
}

/** To the minute, in UTC. */
function instant(text: string | null | undefined): string {
  return text == null ? '' : `${text.slice(0, 16).replace('T', ' ')}Z`;
}
