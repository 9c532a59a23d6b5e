/**
 * A model that has a price of its own for nearly everything, as the
 * configuration has it: US dollars for a million tokens. A dollar there is 1000
 * nano-USD a token.
 */
export const RICH = {
  input_usd_per_million: '0.10',
  cached_input_usd_per_million: '0.01',
  cache_write_usd_per_million: '0.125',
  cache_write_1h_usd_per_million: '0.20',
  input_audio_usd_per_million: '0.30',
  cached_audio_usd_per_million: '0.03',
  input_image_usd_per_million: '0.15',
  cached_image_usd_per_million: '0.015',
  input_video_usd_per_million: '0.12',
  cached_video_usd_per_million: '0.012',
  output_usd_per_million: '0.40',
  reasoning_usd_per_million: '0.50',
  output_audio_usd_per_million: '2',
  output_image_usd_per_million: '3',
  quantities: { 'web-searches': '0.01' },
  long_context: {
    above_input_tokens: 200_000,
    input_usd_per_million: '0.20',
    cached_input_usd_per_million: '0.02',
    output_usd_per_million: '0.60',
  },
  service_tiers: { flex: { times: '0.5' }, priority: { times: '2' }, batch: { times: '0.5' } },
} as const;

/** What so many plain tokens cost there, nano-USD. */
export function richCost(input: number, output: number): bigint {
  return BigInt(input) * 100n + BigInt(output) * 400n;
}
