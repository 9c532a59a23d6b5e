import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';
import { readProvider } from './bifrost-provider.ts';

/** `env.NAME`. @see docs.getbifrost.ai/quickstart/gateway/provider-configuration (read 2026-11-21) */
export const BIFROST_REFERENCE = /^env\.(\w+)$/;

/** Bifrost's `config.json`. @see docs.getbifrost.ai/quickstart/gateway/setting-up (read 2026-11-21) */
export function readBifrost(root: SourcePart, importer: Importer): void {
  const { ledger } = importer;
  for (const [name, part] of root.at('providers').members()) {
    readProvider(name, part, importer);
    leaveProviderFields(part, importer);
  }
  client(root.at('client'), importer);
  for (const name of ['$schema', 'version']) ledger.noted(root.at(name));
  for (const [path, why, instead] of LEFT) leaveAt(root, path.split('.'), why, instead, importer);
}

function client(part: SourcePart, { draft, ledger }: Importer): void {
  const days = part.at('log_retention_days');
  if (days.number !== undefined && Number.isInteger(days.number) && days.number >= 1 && days.number <= 3_650) {
    draft.retentionDays = days.number;
    ledger.carried(days, 'retention_days');
  }
  const mebibytes = part.at('max_request_body_size_mb');
  if (
    mebibytes.number !== undefined &&
    Number.isInteger(mebibytes.number) &&
    mebibytes.number >= 1 &&
    mebibytes.number <= 1_024
  ) {
    draft.bodyMebibytesMax = mebibytes.number;
    ledger.carried(mebibytes, 'server.body_bytes_max');
  }
}

function leaveProviderFields(part: SourcePart, { ledger }: Importer): void {
  const network = part.at('network_config');
  const retries = 'a target is tried again only where there is no other, 3 attempts in all';
  ledger.left(network.at('max_retries'), retries, 'make a route with more than one target');
  const backoff = 'the wait before the same target is tried again holds for a route, not for a provider';
  ledger.left(network.at('retry_backoff_initial'), backoff, 'see policies.backoff');
  ledger.left(network.at('retry_backoff_max'), backoff, 'see policies.backoff');
  ledger.left(network.at('insecure_skip_verify'), 'certificates are always checked', 'name the CA with ca_file');
  ledger.left(
    network.at('ca_cert_pem'),
    'certificates are read from files',
    'write it to a file, and name that as ca_file',
  );
  ledger.left(
    part.at('concurrency_and_buffer_size'),
    'how many calls a target bears is found out, and calls are not queued for it',
    'bound it with policies.concurrency',
  );
}

const KEYS = 'make keys with "leeward keys create", and give one to each client';

type LeftPlace = readonly [path: string, why: string, instead: string];

/** A "*" in a path stands for each entry. */
const LEFT: readonly LeftPlace[] = [
  ['governance.virtual_keys.*', "a key cannot be moved: Leeward's own have another form", KEYS],
  ['governance.budgets', 'there are no budgets yet', 'watch GET /v1/calls/{id} and /metrics'],
  ['governance.rate_limits', 'there are no rate limits yet', 'nothing'],
  ['governance.customers', 'there are no customers and teams', 'make a key for each with "leeward keys create"'],
  ['governance.teams', 'there are no customers and teams', 'make a key for each with "leeward keys create"'],
  ['governance.routing_rules.*', 'rules are not evaluated', 'make one route for each choice'],
  ['governance.auth_config', 'the admin token is made at the first start', 'read it from .leeward/admin-token'],
  ['config_store', 'Leeward brings its database with it', 'nothing'],
  ['logs_store', 'Leeward brings its database with it', 'nothing'],
  ['vector_store', 'there is no semantic cache', 'nothing'],
  ['mcp', 'Leeward is no MCP gateway', 'let clients connect to these servers themselves'],
  ['plugins.*', 'there are no plugins', 'nothing'],
  ['encryption_key', 'no provider key is stored, so none is encrypted', 'nothing'],
  ['client.allowed_origins', 'browsers are not answered', 'put a proxy in front that allows them'],
  ['client.enforce_governance_header', 'a key is always asked for', KEYS],
  ['client.enforce_auth_on_inference', 'a key is always asked for', KEYS],
];

function leaveAt(part: SourcePart, path: readonly string[], why: string, instead: string, importer: Importer): void {
  const [step, ...rest] = path;
  if (step === undefined) importer.ledger.left(part, why, instead);
  else if (step === '*') for (const child of part.children()) leaveAt(child, rest, why, instead, importer);
  else leaveAt(part.at(step), rest, why, instead, importer);
}
