/**
 * `policies` of a configuration under which routing takes each call by itself:
 * a proof that makes many failures on purpose is about what becomes of one, and
 * not of what those before it have left behind.
 */
export const NO_WEATHER = {
  backoff: 'off',
  breaker: 'off',
  retry_budget: 'off',
  headroom: 'off',
  concurrency: 'off',
  retries_in_flight: 'off',
  cool_down: { unasked: '0s' },
  shed: 'off',
};
