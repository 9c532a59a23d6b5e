import type { ConfigState } from '../../config/config-state.ts';
import type { AdminParts, ProviderFacts } from '../admin-parts.ts';
import { replayedUntil } from '../freshness.ts';
import type { Answer } from './answers.ts';
import { isoTime, isoTimeOrNull } from './instants.ts';

export function statusAnswer(parts: AdminParts): Answer<'status'> {
  const { server, store, journal, clock } = parts;
  const { state, reason } = store.state();
  const lag = journal.lag();
  return {
    version: server.version,
    mode: server.mode,
    started_at: isoTime(server.startedAt),
    uptime_s: Math.max(0, Math.floor((clock.now() - server.startedAt) / 1_000)),
    base_url: server.baseUrl(),
    admin_url: server.adminUrl(),
    pid: process.pid,
    node_version: process.versions.node,
    store: { state, reason: reason ?? null, restarts: store.restarts },
    journal: {
      lag_records: lag.records,
      lag_bytes: lag.bytes,
      replayed_until: isoTime(replayedUntil(journal, clock)),
      rejected_records: lag.rejected,
      can_admit: journal.canAdmit(),
      problem: journal.problem ?? null,
    },
    config: configStateJson(parts.config.state()),
    exchanges_running: parts.exchangesRunning(),
    providers: parts.providers().map(providerJson),
  };
}

export function configStateJson(state: ConfigState): Answer<'status'>['config'] {
  const { version, path, loadedAt, lastError, warnings, restartNeeded } = state;
  return {
    version,
    path: path ?? null,
    loaded_at: isoTime(loadedAt),
    last_error: lastError === undefined ? null : { at: isoTime(lastError.at), text: lastError.text },
    warnings: [...warnings],
    restart_needed: [...restartNeeded],
  };
}

export function providerJson(provider: ProviderFacts): Answer<'list_providers'>['data'][number] {
  return {
    name: provider.name,
    preset: provider.preset,
    base_url: provider.baseUrl ?? null,
    origin: provider.origin ?? null,
    source: provider.source,
    state: provider.state,
    detail: provider.detail ?? null,
    models: provider.models ?? null,
    last_ok_at: isoTimeOrNull(provider.lastOkAt),
    last_error_at: isoTimeOrNull(provider.lastErrorAt),
    last_error: provider.lastError ?? null,
  };
}
