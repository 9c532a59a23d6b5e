import type { AdminParts } from '../admin-parts.ts';
import { alertsAnswer } from './alerts.ts';
import type { Answers } from './answers.ts';
import { budgetAccountsAnswer, budgetAnswer, budgetsAnswer, removedBudgetAnswer, setBudgetAnswer } from './budgets.ts';
import { callAnswer, callsAnswer } from './calls.ts';
import { providersAnswer, reloadAnswer, routesAnswer } from './configuration.ts';
import { correctionsAnswer } from './corrections.ts';
import { bookedAnswer, bookingsAnswer } from './credits.ts';
import { createdKeyAnswer, keyAnswer, keysAnswer, revokedKeyAnswer } from './keys.ts';
import { modelsAnswer } from './models.ts';
import { costAnswer, pricesAnswer } from './prices.ts';
import { simulateAnswer } from './simulate.ts';
import { statusAnswer } from './status.ts';
import { targetsAnswer } from './targets.ts';
import { taskAnswer } from './tasks.ts';
import { usageAnswer } from './usage.ts';
import { exportAnswer } from './usage-export.ts';
import { linesAnswer, usageHoursAnswer } from './usage-lines.ts';

/** Which function answers which operation. */
export function answersOf(parts: AdminParts): Answers {
  return {
    status: () => statusAnswer(parts),
    config: () => ({ ...parts.config.effective() }),
    reload_config: () => reloadAnswer(parts),
    list_providers: (question) => providersAnswer(parts, question),
    list_targets: (question) => targetsAnswer(parts, question),
    simulate: (question) => simulateAnswer(parts, question),
    list_routes: (question) => routesAnswer(parts, question),
    list_models: (question) => modelsAnswer(parts, question),
    list_prices: (question) => pricesAnswer(parts, question),
    explain_cost: (question) => costAnswer(parts, question),
    list_keys: (question) => keysAnswer(parts, question),
    create_key: (question) => createdKeyAnswer(parts, question),
    get_key: (question) => keyAnswer(parts, question),
    revoke_key: (question) => revokedKeyAnswer(parts, question),
    list_budgets: (question) => budgetsAnswer(parts, question),
    set_budget: (question) => setBudgetAnswer(parts, question),
    get_budget: (question) => budgetAnswer(parts, question),
    remove_budget: (question) => removedBudgetAnswer(parts, question),
    list_budget_accounts: (question) => budgetAccountsAnswer(parts, question),
    list_bookings: (question) => bookingsAnswer(parts, question),
    book: (question) => bookedAnswer(parts, question),
    list_alerts: (question) => alertsAnswer(parts, question),
    list_calls: (question) => callsAnswer(parts, question),
    get_call: (question) => callAnswer(parts, question),
    usage: (question) => usageAnswer(parts, question),
    list_usage_hours: (question) => usageHoursAnswer(parts, question),
    list_lines: (question) => linesAnswer(parts, question),
    export_usage: (question) => exportAnswer(parts, question),
    get_task: (question) => taskAnswer(parts, question),
    correct: (question) => correctionsAnswer(parts, question),
  };
}
