import { weightOf } from '../amounts.ts';
import {
  type DraftCredential,
  type DraftProvider,
  free,
  isModelName,
  isUpstreamModel,
  literal,
  slug,
} from '../draft.ts';
import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';
import { shownName } from '../vendors.ts';

const KEYS_MAX = 100;

/** Keys that can stand in for each other: for the same address and the same models. */
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
    const identity = JSON.stringify([address.text, all ? [] : models.value]);
    const group = groups.get(identity) ?? { address, keys: [], apart: all ? address : models };
    if (group.keys.length < KEYS_MAX) group.keys.push(key);
    else ledger.left(key, `a provider has at most ${KEYS_MAX} keys`, 'declare a second provider for the rest');
    groups.set(identity, group);
    if (all) ledger.noted(models);
    else ledger.left(models, 'keys are not bound to models', 'call no others with it');
  }
  return [...groups.values()];
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
    const apiKey = importer.key(writtenKey(key), wanted);
    if (apiKey === undefined) return [];
    const weight = weightOf(key.at('weight'));
    const name = free(slug(key.at('name').text ?? `key-${index + 1}`), (candidate) => names.has(candidate));
    names.add(name);
    return [{ name, apiKey, ...(weight === undefined || weight === 1 ? {} : { weight }) }];
  });
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
  ledger.left(
    key.at('azure_key_config', 'api_version'),
    "Azure's v1 surface takes no api-version",
    'nothing, if the resource has it',
  );
  for (const map of [key.at('azure_key_config', 'deployments'), key.at('aliases')]) {
    for (const [model, deployment] of map.members()) renamed(model, deployment, provider, importer);
  }
}

/** A model that the provider knows by another name: an alias for clients. */
function renamed(model: string, deployment: SourcePart, provider: DraftProvider, { draft, ledger }: Importer): void {
  const { text } = deployment;
  if (text === undefined) return;
  if (text === model) {
    ledger.carried(deployment, `providers.${provider.name}, called as ${provider.name}/${shownName(model)}`);
  } else if (isModelName(model) && isUpstreamModel(text) && !draft.aliases.has(model)) {
    draft.aliases.set(model, { target: `${provider.name}/${literal(text)}`, from: [deployment.place] });
    ledger.carried(deployment, `aliases.${model}`);
    ledger.left(
      deployment,
      'a provider does not rename models',
      `clients send "${shownName(model)}", without a provider before it`,
    );
  } else {
    ledger.left(deployment, 'a provider does not rename models', `clients send ${provider.name}/<deployment>`);
  }
}
