import type { ReloadResult, ReloadTrigger } from '../config/config-state.ts';
import type { ConfigMetrics } from '../observability/config-metrics.ts';
import type { Log } from '../observability/log.ts';

export interface ReloadReportParts {
  readonly log: Log;
  readonly metrics: ConfigMetrics;
  /** A line for the person at the terminal; absent where nobody sits there. */
  say?(line: string): void;
}

/** Tells everybody who wants to know what came of a reload. */
export function reportReload(result: ReloadResult, trigger: ReloadTrigger, parts: ReloadReportParts): void {
  const { log, metrics, say } = parts;
  const { version, path, lastError, warnings, restartNeeded } = result.state;
  metrics.reloaded(result.outcome, version);
  const facts = { trigger, configVersion: version, path };
  if (lastError !== undefined) {
    log.error({ ...facts, problems: lastError.text }, 'the configuration was not reloaded: the one in force stays');
    say?.(`  configuration not reloaded, version ${version} stays in force:`);
    for (const line of lastError.text.trimEnd().split('\n')) say?.(`    ${line}`);
    return;
  }
  if (result.outcome === 'unchanged') {
    log.info(facts, 'the configuration is the one in force');
    return;
  }
  log.info(facts, 'the configuration was reloaded');
  for (const warning of warnings) log.warn({ warning }, 'configuration');
  if (restartNeeded.length > 0) log.warn({ settings: restartNeeded }, 'these settings need a restart');
  say?.(`  configuration reloaded, version ${version}`);
  for (const warning of warnings) say?.(`    ${warning}`);
  if (restartNeeded.length > 0) say?.(`    after a restart only: ${restartNeeded.join(', ')}`);
}
