import type { MoneyDesk } from '../admin/admin-parts.ts';
import type { Alerts } from '../money/alerts.ts';
import type { Database } from '../store/database.ts';
import { listBookings } from '../store/ledger/booking-queries.ts';

/** Money as the administrative API sees it. */
export function moneyDesk(
  { budgets, books, alerts }: Pick<MoneyDesk, 'budgets' | 'books'> & { readonly alerts?: Alerts },
  database: Database,
): MoneyDesk {
  return {
    budgets,
    books,
    bookings: (question) => listBookings(database, question),
    alerts: () => alerts?.list() ?? [],
  };
}
