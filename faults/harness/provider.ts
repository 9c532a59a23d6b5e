/** Never sent to a client: each answer is searched for it. */
export const UPSTREAM_SECRET = 'sk-faults-canary-0123456789abcdef';

/** As `leeward.yaml` names a provider. */
export function provider(baseUrl: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const price = { input_usd_per_million: '0.15', output_usd_per_million: '0.60' };
  return {
    preset: 'openai-compatible',
    base_url: baseUrl,
    api_key: UPSTREAM_SECRET,
    // Whoever leaves here leaves alone: what is read to its end without a client is proved where money is.
    on_client_gone: 'abort',
    prices: { 'sim-small': price, 'sim-large': price, m: price },
    ...more,
  };
}
