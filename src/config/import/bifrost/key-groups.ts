import { weightOf } from '../amounts.ts';
import { deploymentOf, type EntraParts, entraOf } from '../azure.ts';
import { type DraftCredential, type DraftProvider, free, isUpstreamModel, slug } from '../draft.ts';
import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';

const KEYS_MAX = 100;

/** Keys that can stand in for each other: for the same address, the same models and the same names for them. */
export interface KeyGroup {
  /** Where the first of them says its address, which may be nowhere. */
  readonly address: SourcePart;
  readonly keys: readonly SourcePart[];
  /** What sets them apart from other groups. */
  readonly apart: SourcePart;
}

export function keyGroups(keys: readonly SourcePart[], { ledger }: Importer): KeyGroup[] {
  const groups = new Map<string, { address: SourcePart; keys: SourcePart[]; apart: SourcePart }>();
  for (const key of keys) {
    if (key.at('enabled').value === false) {
      ledger.left(key, 'it is disabled', 'nothing');
      continue;
    }
    const address = addressPart(key);
    const models = key.at('models');
    const all = !models.present || (models.isList && models.items().every((model) => model.value === '*'));
    const surface = [key.at('azure_key_config', 'api_version').value, ...namings(key).map(({ value }) => value)];
    const identity = JSON.stringify([address.text, all ? [] : models.value, surface]);
    const apart = all ? (address.present ? address : key) : models;
    const group = groups.get(identity) ?? { address, keys: [], apart };
    if (group.keys.length < KEYS_MAX) group.keys.push(key);
    else ledger.left(key, `a provider has at most ${KEYS_MAX} keys`, 'declare a second provider for the rest');
    groups.set(identity, group);
    if (all) ledger.noted(models);
    else ledger.left(models, 'keys are not bound to models', 'call no others with it');
  }
  return [...groups.values()];
}

/** Where a key says what the provider calls a model. */
function namings(key: SourcePart): readonly SourcePart[] {
  return [key.at('azure_key_config', 'deployments'), key.at('aliases')];
}

/** What the provider calls a model, by model; only what differs. */
export function deploymentsOf({ keys: [first] }: KeyGroup): Record<string, string> {
  const entries = (first === undefined ? [] : namings(first)).flatMap((map) =>
    map.members().flatMap(([model, part]): [string, string][] => {
      const deployment = deploymentOf(part);
      return deployment === undefined || deployment === model || !isUpstreamModel(model) ? [] : [[model, deployment]];
    }),
  );
  return Object.fromEntries(entries);
}

function addressPart(key: SourcePart): SourcePart {
  const azure = key.at('azure_key_config', 'endpoint');
  if (azure.present) return azure;
  const vllm = key.at('vllm_key_config', 'url');
  return vllm.present ? vllm : key.at('ollama_key_config', 'url');
}

/** @param wanted begins the names of variables for keys that are written out */
export function credentialsOf(keys: readonly SourcePart[], wanted: string, importer: Importer): DraftCredential[] {
  const names = new Set<string>();
  return keys.flatMap((key, index): DraftCredential[] => {
    const apiKey = importer.key(writtenKey(key), wanted) ?? entraOf(entraParts(key), importer);
    if (apiKey === undefined) return [];
    const weight = weightOf(key.at('weight'));
    const name = free(slug(key.at('name').text ?? `key-${index + 1}`), (candidate) => names.has(candidate));
    names.add(name);
    return [{ name, apiKey, ...(weight === undefined || weight === 1 ? {} : { weight }) }];
  });
}

function entraParts(key: SourcePart): EntraParts {
  const config = key.at('azure_key_config');
  return { tenant: config.at('tenant_id'), client: config.at('client_id'), secret: config.at('client_secret') };
}

/** A text, or the form in which Bifrost's own API shows it. */
function writtenKey(key: SourcePart): SourcePart {
  const value = key.at('value');
  return value.isMapping ? value.oneOf('env_var', 'value') : value;
}

/** What became of one key's fields. @param address the address of its group was carried over */
export function accountForKey(key: SourcePart, provider: DraftProvider, address: boolean, importer: Importer): void {
  const { ledger } = importer;
  const place = `providers.${provider.name}`;
  if (writtenKey(key).text !== undefined) {
    ledger.carried(key.at('value'), `${place}.credentials`);
    if (key.at('name').text !== undefined) ledger.carried(key.at('name'), `${place}.credentials`);
    if (weightOf(key.at('weight')) !== undefined) ledger.carried(key.at('weight'), `${place}.credentials`);
  }
  if (address) ledger.carried(addressPart(key), `${place}.base_url`);
  ledger.noted(key.at('id'));
  ledger.noted(key.at('enabled'));
  if (provider.apiVersion !== undefined) {
    ledger.carried(key.at('azure_key_config', 'api_version'), `${place}.api_version`);
  }
  const isEntra = provider.credentials.some(({ apiKey }) => typeof apiKey !== 'string');
  if (isEntra && writtenKey(key).text === undefined) {
    for (const part of Object.values(entraParts(key))) ledger.carried(part, `${place}.credentials`);
    ledger.carried(key.at('name'), `${place}.credentials`);
  }
  for (const map of namings(key)) {
    for (const [model, deployment] of map.members()) {
      if (deploymentOf(deployment) === model) ledger.carried(deployment, place);
      else if (Object.hasOwn(provider.deployments ?? {}, model)) ledger.carried(deployment, `${place}.deployments`);
    }
  }
}
