/** Where the administrative API answers. What each takes and gives stands in `contract/`, which is loaded with the first request. */
export const ADMIN_ENDPOINTS = {
  openapi: { method: 'GET', path: '/admin/openapi.json' },
  status: { method: 'GET', path: '/admin/status' },
  config: { method: 'GET', path: '/admin/config' },
  reload_config: { method: 'POST', path: '/admin/config/reload' },
  list_providers: { method: 'GET', path: '/admin/providers' },
  list_routes: { method: 'GET', path: '/admin/routes' },
  list_models: { method: 'GET', path: '/admin/models' },
  list_prices: { method: 'GET', path: '/admin/prices' },
  explain_cost: { method: 'GET', path: '/admin/calls/{id}/cost' },
  list_keys: { method: 'GET', path: '/admin/keys' },
  create_key: { method: 'POST', path: '/admin/keys' },
  get_key: { method: 'GET', path: '/admin/keys/{id}' },
  revoke_key: { method: 'POST', path: '/admin/keys/{id}/revoke' },
  list_budgets: { method: 'GET', path: '/admin/budgets' },
  set_budget: { method: 'POST', path: '/admin/budgets' },
  get_budget: { method: 'GET', path: '/admin/budgets/{id}' },
  remove_budget: { method: 'POST', path: '/admin/budgets/{id}/remove' },
  list_budget_accounts: { method: 'GET', path: '/admin/budgets/{id}/accounts' },
  list_bookings: { method: 'GET', path: '/admin/credits' },
  book: { method: 'POST', path: '/admin/credits' },
  list_alerts: { method: 'GET', path: '/admin/alerts' },
  list_calls: { method: 'GET', path: '/admin/calls' },
  get_call: { method: 'GET', path: '/admin/calls/{id}' },
  usage: { method: 'GET', path: '/admin/usage' },
  correct: { method: 'POST', path: '/admin/corrections' },
} as const satisfies Record<string, { readonly method: 'GET' | 'POST'; readonly path: string }>;

/** Also the `operationId` in the OpenAPI document. */
export type AdminOperation = keyof typeof ADMIN_ENDPOINTS;
