import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { formatDuration } from '../../observability/format.ts';
import type { AdminServer } from '../admin-client.ts';
import { askForList, asking, askServer } from '../ask-server.ts';
import { send } from '../call/send.ts';
import { deadline } from '../deadline.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { skewCheck } from './machine-checks.ts';

const HEALTH_MS_MAX = 5_000;
/** A server that is well is never this far behind. */
const LAG_RECORDS_WISHED = 10_000;

/** The part of `GET /admin/status` that is judged here. */
const status = z.looseObject({
  version: z.string(),
  mode: z.string().nullish(),
  uptime_s: z.number(),
  base_url: z.string(),
  pid: z.number().nullish(),
  node_version: z.string().nullish(),
  store: z.looseObject({ state: z.string(), reason: z.string().nullish(), restarts: z.number().nullish() }),
  journal: z.looseObject({
    lag_records: z.number(),
    rejected_records: z.number().nullish(),
    can_admit: z.boolean(),
    problem: z.string().nullish(),
  }),
  config: z.looseObject({
    version: z.string(),
    path: z.string().nullish(),
    last_error: z.looseObject({ at: z.string(), text: z.string() }).nullish(),
    warnings: z.array(z.string()),
    restart_needed: z.array(z.string()).nullish(),
  }),
  providers: z.array(
    z.looseObject({
      name: z.string(),
      state: z.string(),
      detail: z.string().nullish(),
      models: z.number().nullish(),
      last_error: z.string().nullish(),
    }),
  ),
});

type Status = z.output<typeof status>;

/** What a running server says about itself. @throws `ServerAbsent`; `CliFailure` when it does not tell */
export async function serverChecks(server: AdminServer, clock: Clock): Promise<Finding[]> {
  const said = await askServer(server, { schema: status, path: '/admin/status' }, clock);
  return [
    ok('server', `${said.base_url}, version ${said.version}, up for ${formatDuration(said.uptime_s * 1_000)}`),
    await clockFinding(server, clock),
    ...configFindings(said.config),
    storeFinding(said.store),
    journalFinding(said.journal),
    ...said.providers.map(providerFinding),
    ...(await closedTargets(server, clock)),
  ];
}

async function clockFinding(server: AdminServer, clock: Clock): Promise<Finding> {
  const waiting = deadline(clock, HEALTH_MS_MAX);
  try {
    const url = `${server.url}/healthz`;
    const answer = await send({ method: 'GET', url, key: server.token, signal: waiting.signal });
    answer.resume();
    const date = answer.headers.date;
    return skewCheck(date === undefined ? undefined : Date.parse(date), clock);
  } finally {
    waiting.cancel();
  }
}

function configFindings(config: Status['config']): Finding[] {
  const { version, path, last_error: error, warnings, restart_needed: waiting } = config;
  const findings = [ok('config', `${path ?? 'no file: the defaults'}, version ${version}`)];
  if (error != null) {
    const detail = `the reload at ${error.at} failed, and version ${version} goes on: ${error.text.trim()}`;
    findings.push(fail('config', detail, 'correct the file; it is read again when it changes'));
  }
  if (waiting != null && waiting.length > 0) {
    findings.push(warn('config', `${waiting.join(', ')} changed and cannot change live`, 'restart the server'));
  }
  return [...findings, ...warnings.map((text) => warn('config', text, 'see "leeward config validate"'))];
}

function storeFinding({ state, reason, restarts }: Status['store']): Finding {
  const detail = [state, reason, (restarts ?? 0) > 0 ? `started anew ${restarts} times` : undefined]
    .filter((part) => part != null)
    .join(', ');
  if (state === 'open') {
    return (restarts ?? 0) > 0 ? warn('store', detail, "see the server's log for why") : ok('store', detail);
  }
  return fail('store', detail, "see the server's log; calls with known keys go on meanwhile");
}

function journalFinding(journal: Status['journal']): Finding {
  const { lag_records: lag, rejected_records: rejected, can_admit: admits, problem } = journal;
  if (!admits) return fail('journal', problem ?? 'it takes no new calls', 'free disk space for the data directory');
  if ((rejected ?? 0) > 0) {
    return warn('journal', `${rejected} records were set aside`, 'keep journal/rejected.log and report it');
  }
  const detail = `${lag} records on their way to the store`;
  return lag > LAG_RECORDS_WISHED ? warn('journal', detail, 'see whether it shrinks') : ok('journal', detail);
}

function providerFinding({ name, state, detail, models, last_error }: Status['providers'][number]): Finding {
  const check = `provider ${name}`;
  const counted = models == null ? undefined : `${models} models`;
  const text = [state, detail, state === 'ok' ? counted : last_error].filter((part) => part != null).join(', ');
  if (state === 'refused') return fail(check, text, 'put a valid key where its configuration reads it, and reload');
  if (state === 'unreachable' || state === 'degraded') {
    return warn(check, text, `see "leeward calls list --provider ${name}"`);
  }
  return ok(check, text);
}

/** The part of `GET /admin/targets` that is judged here. */
const target = z.looseObject({
  id: z.string(),
  closure: z.looseObject({ kind: z.string(), reason: z.string(), for_ms: z.number().nullish() }).nullish(),
});

/** Targets that calls may not go to now; those that may are no news. */
async function closedTargets(server: AdminServer, clock: Clock): Promise<Finding[]> {
  const found = await askForList(asking(server, clock), { entry: target, path: '/admin/targets' });
  return found.flatMap(({ id, closure }) => {
    if (closure == null) return [];
    const still = closure.for_ms == null ? '' : `, for ${formatDuration(closure.for_ms)} more`;
    const next =
      closure.kind === 'credential'
        ? 'see whether its key is valid and paid for'
        : 'see "leeward targets", and whether others serve its calls';
    return [warn(`target ${id}`, `closed: ${closure.reason}${still}`, next)];
  });
}
