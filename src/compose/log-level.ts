import type { LoadedConfig } from '../config/config.ts';

/** In dev the terminal belongs to the block and the call lines: only what is wrong is logged beside them. */
export function logLevel(mode: 'dev' | 'serve', { path, config }: LoadedConfig): string {
  if (mode === 'serve') return config.log.level;
  return path === undefined || config.log.level === 'info' ? 'error' : config.log.level;
}
