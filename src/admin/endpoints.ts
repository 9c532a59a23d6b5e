/** Where the administrative API answers. What each takes and gives stands in `contract/`, which is loaded with the first request. */
export const ADMIN_ENDPOINTS = {
  openapi: { method: 'GET', path: '/admin/openapi.json' },
  status: { method: 'GET', path: '/admin/status' },
  config: { method: 'GET', path: '/admin/config' },
  reload_config: { method: 'POST', path: '/admin/config/reload' },
  list_providers: { method: 'GET', path: '/admin/providers' },
  list_routes: { method: 'GET', path: '/admin/routes' },
  list_models: { method: 'GET', path: '/admin/models' },
  list_keys: { method: 'GET', path: '/admin/keys' },
  create_key: { method: 'POST', path: '/admin/keys' },
  get_key: { method: 'GET', path: '/admin/keys/{id}' },
  revoke_key: { method: 'POST', path: '/admin/keys/{id}/revoke' },
  list_calls: { method: 'GET', path: '/admin/calls' },
  get_call: { method: 'GET', path: '/admin/calls/{id}' },
  usage: { method: 'GET', path: '/admin/usage' },
} as const satisfies Record<string, { readonly method: 'GET' | 'POST'; readonly path: string }>;

/** Also the `operationId` in the OpenAPI document. */
export type AdminOperation = keyof typeof ADMIN_ENDPOINTS;
