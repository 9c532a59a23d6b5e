import { askForList } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { printJson } from '../io.ts';
import { pathWith } from '../records/asked-records.ts';
import { bookingTable, budgetTable } from './money-tables.ts';
import { withMoney } from './open-money.ts';
import type { MoneyFlags } from './run-budgets.ts';
import { bookedView, bookingView, budgetView } from './views.ts';

export interface BookFlags extends MoneyFlags {
  readonly id: string;
  readonly amount: string;
  readonly paid?: string;
  readonly note?: string;
  readonly to?: string;
  readonly towards?: string;
}

export interface ListFlags extends MoneyFlags {
  readonly budget?: string;
}

type Kind = 'top_up' | 'refund' | 'adjustment' | 'transfer';

/** Books once under its id, and shows what is left then. */
export async function bookCredit(kind: Kind, budget: string, flags: BookFlags, context: Context): Promise<void> {
  const { io } = context;
  const { id, amount, paid, note, to, towards } = flags;
  const body = {
    kind,
    id,
    budget,
    amount_usd: amount,
    ...(paid === undefined ? {} : { paid_usd: paid }),
    ...(note === undefined ? {} : { note }),
    ...(to === undefined ? {} : { to }),
    ...(towards === undefined ? {} : { towards }),
  };
  await withMoney(flags, context, async (ask) => {
    const booked = await ask({ schema: bookedView, method: 'POST', path: '/admin/credits', body });
    if (flags.json === true) {
      printJson(io, booked);
      return;
    }
    io.err(`${booked.id} ${booked.booked ? 'is booked' : 'was booked before; nothing has changed'}\n`);
    io.out(
      budgetTable(
        [await ask({ schema: budgetView, path: `/admin/budgets/${encodeURIComponent(budget)}` })],
        io.outTerminal,
      ),
    );
  });
}

export async function listBookings(flags: ListFlags, context: Context): Promise<void> {
  const { io } = context;
  await withMoney(flags, context, async (ask) => {
    const path = pathWith('/admin/credits', { budget: flags.budget });
    const bookings = await askForList(ask, { entry: bookingView, path });
    if (flags.json === true) printJson(io, bookings);
    else io.out(bookingTable(bookings, io.outTerminal));
  });
}
