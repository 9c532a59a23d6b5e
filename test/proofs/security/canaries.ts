import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Checks } from '../parts/checks.ts';
import { administration, errorPaths, type Text } from './canary-calls.ts';
import { commandLine, crashing } from './canary-programs.ts';
import { CANARY, type House } from './house.ts';

/** What is looked for, by name; bytes as they could stand in a file. */
type Secrets = ReadonlyMap<string, Buffer>;

/** Where a secret is at home. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  'the admin token': ['admin-token'],
  'the pepper': ['peppers.json'],
  'the dev key': ['dev.key'],
};

/** Every secret on every way out: answers, log, store, journal, metrics, page, administration, command line, crashes. */
export async function proveCanaries(house: House, checks: Checks): Promise<Record<string, number>> {
  const secrets = secretsOf(house);
  const answers = await errorPaths(house);
  checks.that(
    'the search would find them: the provider was sent its key and the prompt',
    house.raw.seen.some(({ head, body }) => head.includes(CANARY.providerKey) && body.includes(CANARY.prompt)),
  );
  const prompted = without(secrets, 'the prompt', 'the completion', 'the client key');
  checks.none('no answer to a call holds a secret', found(prompted, answers), `${answers.length} answers`);
  const told = await administration(house);
  checks.none(
    'nothing that can be read with a credential holds a secret',
    found(secrets, told),
    `${told.length} answers`,
  );
  checks.none(
    'no line of the log holds a secret or a prompt',
    found(secrets, [['the log', house.gateway.lines.join('\n')]]),
  );
  // Programs of their own, which take their time; no sabotage is about them.
  const whole = house.options.sabotage === undefined;
  if (whole) {
    const commands = await commandLine(house);
    checks.none('no command prints a secret', found(secrets, commands), `${commands.length} commands`);
  }
  await house.gateway.stop();
  const files = filesIn(house.dataDir);
  checks.none('no file but its own holds a secret', inFiles(secrets, files), `${files.length} files`);
  if (whole) {
    const crashes = await crashing(house);
    checks.none('no crash and no refused start prints a secret', found(secrets, crashes), `${crashes.length} ends`);
  }
  return { 'answers searched': answers.length + told.length, 'files searched': files.length };
}

function secretsOf(house: House): Secrets {
  const { peppers } = JSON.parse(readFileSync(join(house.dataDir, 'peppers.json'), 'utf8')) as {
    peppers: { secret: string }[];
  };
  const pepper = peppers[0]?.secret ?? '';
  return new Map([
    ["the provider's key", Buffer.from(CANARY.providerKey)],
    ['the prompt', Buffer.from(CANARY.prompt)],
    ['the completion', Buffer.from(CANARY.completion)],
    ['the admin token', Buffer.from(house.adminToken)],
    ['the client key', Buffer.from(house.keys.client)],
    ['the revoked key', Buffer.from(house.keys.revoked)],
    ['the pepper', Buffer.from(pepper)],
    ["the pepper's bytes", Buffer.from(pepper, 'base64')],
  ]);
}

function without(secrets: Secrets, ...names: readonly string[]): Secrets {
  return new Map([...secrets].filter(([name]) => !names.includes(name)));
}

function found(secrets: Secrets, texts: readonly Text[]): string[] {
  const problems: string[] = [];
  for (const [where, text] of texts) {
    const bytes = Buffer.from(text);
    for (const [name, secret] of secrets) if (bytes.includes(secret)) problems.push(`${where} holds ${name}`);
  }
  return problems;
}

function inFiles(secrets: Secrets, files: readonly string[]): string[] {
  return files.flatMap((file) =>
    found(secrets, [[file, readFileSync(file)]]).filter(
      (problem) =>
        !Object.entries(HOMES).some(([name, homes]) => problem.endsWith(name) && homes.includes(basename(file))),
    ),
  );
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
