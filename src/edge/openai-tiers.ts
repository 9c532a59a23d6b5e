const TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority', 'fast']);

/** The service tier by a name that clients of this dialect know; `undefined` for what has none here. */
export function tierWord(tier: string | undefined): string | undefined {
  if (tier === 'standard') return 'default';
  return tier !== undefined && TIERS.has(tier) ? tier : undefined;
}
