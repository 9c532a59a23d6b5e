import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ServerAbsent } from '../admin-client.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure, failureOf } from '../failure.ts';
import { type Io, printJson } from '../io.ts';
import { paintFor } from '../paint.ts';
import { findServer, noServerAt, type ServerFlags } from '../running-server.ts';
import { configCheck, portCheck, providerChecks } from './config-check.ts';
import { type Finding, fail, ok } from './finding.ts';
import { clockCheck, directoryCheck, fsyncCheck, nodeCheck, roomCheck } from './machine-checks.ts';
import { serverChecks } from './server-checks.ts';
import { storeServerChecks } from './store-server-check.ts';

export interface DoctorFlags extends ServerFlags {
  readonly config?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** Looks at everything, says what it found, and ends with 1 when something is broken. */
export async function runDoctor(flags: DoctorFlags, context: Context): Promise<void> {
  const findings = await findingsOf(flags, context);
  const failed = findings.filter(({ status }) => status === 'fail').length;
  const warned = findings.filter(({ status }) => status === 'warn').length;
  if (flags.json === true) printJson(context.io, { ok: failed === 0, checks: findings });
  else print(findings, failed, warned, context.io);
  if (failed > 0) context.setExitCode(EXIT.unexpected);
}

async function findingsOf(flags: DoctorFlags, context: Context): Promise<Finding[]> {
  if (flags.url !== undefined) return [nodeCheck(), ...(await remote(flags, flags.url, context))];
  const machine = [
    nodeCheck(),
    ...directoryCheck(flags.data),
    fsyncCheck(flags.data, context.clock),
    roomCheck(flags.data),
  ];
  const store = await storeServerChecks(flags.config, context);
  machine.push(...store);
  const running = await ofServer(flags, context);
  if (running !== undefined) return [...machine, ...running];
  const more = await withoutServer(flags, context, store.length === 0);
  return [...machine, clockCheck(flags.data, context.clock), ...more];
}

async function remote(flags: DoctorFlags, url: string, context: Context): Promise<Finding[]> {
  const found = await ofServer(flags, context);
  if (found === undefined) throw noServerAt(url);
  return found;
}

/** `undefined` when no server runs. */
async function ofServer(flags: DoctorFlags, { clock }: Context): Promise<Finding[] | undefined> {
  try {
    const server = findServer(flags);
    return server === undefined ? undefined : await serverChecks(server, clock);
  } catch (thrown) {
    if (thrown instanceof ServerAbsent) return undefined;
    if (!(thrown instanceof CliFailure)) throw thrown;
    return [fail('server', thrown.message, thrown.next)];
  }
}

async function withoutServer(flags: DoctorFlags, context: Context, embedded: boolean): Promise<Finding[]> {
  const { io, clock } = context;
  const { findProviders, httpProbe } = await import('../../compose/find-providers.ts');
  const found = await findProviders({ mode: flags.offline === true ? 'serve' : 'dev', env: io.env }, clock);
  const checked = configCheck(
    flags.config,
    io.env,
    found.providers.map(({ provider }) => provider),
  );
  const findings = [ok('server', `none runs on ${flags.data}`), ...checked.findings];
  if (embedded) findings.push(await storeCheck(flags, context));
  if (checked.config === undefined) return findings;
  const { host, port } = checked.config.server;
  findings.push(await portCheck(host, port));
  if (flags.offline !== true) findings.push(...(await providerChecks(checked.config, httpProbe, clock)));
  return findings;
}

/** Opens the store as a start would, which also shows whether its lock can be had, and closes it again. */
async function storeCheck({ data }: DoctorFlags, { openStoreKeyring }: Context): Promise<Finding> {
  if (!existsSync(join(data, 'postgres'))) return ok('store', 'there is none yet; the first start makes it');
  if (openStoreKeyring === undefined) return ok('store', 'not looked at');
  try {
    const keyring = await openStoreKeyring(data);
    try {
      const keys = await keyring.list();
      return ok('store', `it opens, with ${keys.length} ${keys.length === 1 ? 'key' : 'keys'} in it`);
    } finally {
      await keyring.close();
    }
  } catch (thrown) {
    const failure = failureOf(thrown);
    return fail('store', failure.message, failure.next);
  }
}

function print(findings: readonly Finding[], failed: number, warned: number, io: Io): void {
  const paint = paintFor(io.outTerminal, io.env);
  const marks = { ok: paint.good('ok  '), warn: paint.warning('warn'), fail: paint.bad('FAIL') };
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, status, detail, next } of findings) {
    const [first = '', ...more] = detail.split('\n');
    io.out(`${marks[status]}  ${check.padEnd(width)}  ${first}\n`);
    for (const line of more) io.out(`      ${' '.repeat(width)}  ${line}\n`);
    if (next !== undefined) io.out(`      ${' '.repeat(width)}  ${paint.dim(`→ ${next}`)}\n`);
  }
  const counts = [failed === 0 ? undefined : `${failed} broken`, warned === 0 ? undefined : `${warned} to look at`];
  const said = counts.filter((part) => part !== undefined).join(', ');
  io.err(`${said === '' ? 'all is well' : said}\n`);
}
