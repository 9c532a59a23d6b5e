import { durationOf } from '../amounts.ts';
import { isModelName, literal } from '../draft.ts';
import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';
import { LITELLM_VENDORS, vendorOf } from '../vendors.ts';
import { cooldowns, retries } from './cooldowns.ts';
import { type Deployment, type DeploymentDefaults, readDeployment, vendorAndModel } from './deployment.ts';
import { type FallbackTarget, type GroupRules, type ModelGroup, modelGroups, writeGroups } from './groups.ts';
import { leaveDeploymentFields, leaveSettings } from './left-settings.ts';

/** `os.environ/NAME`. @see docs.litellm.ai/docs/proxy/configs */
export const LITELLM_REFERENCE = /^os\.environ\/(\w+)$/;

const DAY_SECONDS = 86_400;

/** LiteLLM's proxy configuration (`config.yaml`). @see docs.litellm.ai/docs/proxy/configs and …/proxy/config_settings */
export function readLiteLlm(root: SourcePart, importer: Importer): void {
  const router = root.at('router_settings');
  const library = root.at('litellm_settings');
  const timeout = firstWith(
    (part) => durationOf(part, 1_000, DAY_SECONDS * 1_000),
    router.at('timeout'),
    library.at('request_timeout'),
  );
  const credentials = credentialList(root.at('credential_list'), importer);
  const deployments = readModelList(root.at('model_list'), { credentials, timeout: timeout?.value }, importer);
  if (timeout !== undefined && deployments.length > 0) {
    importer.ledger.carried(timeout.part, 'providers.*.timeouts.total');
  }
  const groups = modelGroups(deployments, importer);
  const rules = readRules(router, library, groups, importer);
  writeGroups(groups, rules, importer);
  if (groups.length > 0) retries(rules.retries, importer);
  cooldowns(router, importer);
  groupAliases(router.at('model_group_alias'), groups, importer);
  strategy(router.at('routing_strategy'), importer);
  retention(root.at('general_settings', 'maximum_spend_logs_retention_period'), importer);
  leaveSettings(root, importer);
}

/** In the order of the list. Names such as `openrouter/*` are read first, so that the provider they name gets that name. */
function readModelList(list: SourcePart, defaults: DeploymentDefaults, importer: Importer): Deployment[] {
  const isQualified = (item: SourcePart) => item.at('model_name').text?.includes('/') === true;
  const items = list.items();
  for (const item of items) reserveUsualVariable(item.at('litellm_params'), importer);
  const [plain, qualified] = [items.filter((item) => !isQualified(item)), items.filter(isQualified)];
  const read = new Map<SourcePart, Deployment>();
  for (const item of [...qualified, ...plain]) {
    const deployment = readDeployment(item, defaults, importer);
    if (deployment === undefined) continue;
    read.set(item, deployment);
    leaveDeploymentFields(item, importer);
  }
  return items.flatMap((item) => read.get(item) ?? []);
}

/** A deployment without a key of its own takes the one in its vendor's usual variable. */
function reserveUsualVariable(params: SourcePart, { variables }: Importer): void {
  if (params.at('api_key').text !== undefined) return;
  const { vendor } = vendorAndModel(params.at('model').text ?? '', params.at('custom_llm_provider').text);
  const usual = vendorOf(LITELLM_VENDORS, vendor)?.keyVariable;
  if (usual !== undefined) variables.reserve(usual);
}

function firstWith<Value>(
  read: (part: SourcePart) => Value | undefined,
  ...parts: readonly SourcePart[]
): { part: SourcePart; value: Value } | undefined {
  for (const part of parts) {
    const value = read(part);
    if (value !== undefined) return { part, value };
  }
  return undefined;
}

/** `credential_list`: named sets of values that deployments refer to. */
function credentialList(part: SourcePart, { ledger }: Importer): Map<string, SourcePart> {
  const credentials = new Map<string, SourcePart>();
  for (const item of part.items()) {
    const name = item.at('credential_name').text;
    if (name === undefined) continue;
    credentials.set(name, item.at('credential_values'));
    ledger.noted(item.at('credential_name'));
    ledger.noted(item.at('credential_info'));
  }
  return credentials;
}

function readRules(
  router: SourcePart,
  library: SourcePart,
  groups: readonly ModelGroup[],
  importer: Importer,
): GroupRules {
  const both = (name: string) => [router.at(name), library.at(name)];
  const { byGroup: fallbacks, defaults } = fallbackLists(both('fallbacks'), groups, importer);
  defaults.push(...namedTargets(library.at('default_fallbacks')), ...namedTargets(router.at('default_fallbacks')));
  return {
    fallbacks,
    defaultFallbacks: defaults,
    contextLength: fallbackLists(both('context_window_fallbacks'), groups, importer),
    contentPolicy: fallbackLists(both('content_policy_fallbacks'), groups, importer),
    retries: firstPresent(router.at('num_retries'), library.at('num_retries')),
  };
}

/** `[{ "gpt-4": ["gpt-4-32k"] }, { "*": ["gpt-4o"] }]` */
function fallbackLists(
  lists: readonly SourcePart[],
  groups: readonly ModelGroup[],
  importer: Importer,
): { readonly byGroup: Map<string, FallbackTarget[]>; readonly defaults: FallbackTarget[] } {
  const known = new Set(groups.map(({ group }) => group));
  const byGroup = new Map<string, FallbackTarget[]>();
  const defaults: FallbackTarget[] = [];
  for (const item of lists.flatMap((list) => list.items())) {
    for (const [group, list] of item.members()) {
      const targets = namedTargets(list);
      if (group === '*') defaults.push(...targets);
      else if (known.has(group)) byGroup.set(group, [...(byGroup.get(group) ?? []), ...targets]);
      else importer.ledger.left(list, 'the model it stands in for was not carried over', 'write a route by hand');
    }
  }
  return { byGroup, defaults };
}

/** Names only: a fallback that also changes the request is left to the sweep. */
function namedTargets(list: SourcePart): FallbackTarget[] {
  const parts = list.isList ? list.items() : [list];
  return parts.flatMap((part) =>
    typeof part.value === 'string' && part.text !== undefined ? [{ name: part.text, part }] : [],
  );
}

function firstPresent(...parts: readonly [SourcePart, ...SourcePart[]]): SourcePart {
  return parts.find((part) => part.present) ?? parts[0];
}

/** `{"gpt-4": "gpt-4o"}`, or with `{model, hidden}`. */
function groupAliases(part: SourcePart, groups: readonly ModelGroup[], { draft, ledger }: Importer): void {
  for (const [name, value] of part.members()) {
    const model = value.isMapping ? value.at('model') : value;
    const group = groups.find((candidate) => candidate.group === model.text);
    const isTaken = draft.aliases.has(name) || draft.routes.has(name);
    if (group === undefined) {
      ledger.left(value, 'the model it stands for was not carried over', 'add it to aliases by hand');
    } else if (!isModelName(name) || isTaken) {
      ledger.left(value, isTaken ? 'its name is taken' : 'a name has no slash and no spaces', 'choose another name');
    } else {
      const target = draft.aliases.get(group.name)?.target ?? literal(group.name);
      draft.aliases.set(name, { target, from: [value.place] });
      ledger.carried(model, `aliases.${name}`);
      if (value.isMapping) ledger.left(value.at('hidden'), 'every alias is listed by GET /v1/models', 'nothing');
    }
  }
}

function strategy(part: SourcePart, { ledger }: Importer): void {
  if (part.text === 'simple-shuffle') {
    ledger.carried(part, 'routes.*.strategy');
  } else {
    ledger.left(
      part,
      'targets are drawn by weight, not by load, latency, use or price',
      'set weights, or an order with strategy: fallback',
    );
  }
}

/** `30d`, `720h`. */
function retention(part: SourcePart, { draft, ledger }: Importer): void {
  const [, amount, unit] = /^(\d{1,9})\s*([smhdw])$/.exec(part.text ?? '') ?? [];
  const seconds = { s: 1, m: 60, h: 3_600, d: DAY_SECONDS, w: 7 * DAY_SECONDS }[unit ?? ''];
  const days = seconds === undefined ? 0 : Math.ceil((Number(amount) * seconds) / DAY_SECONDS);
  if (days < 1 || days > 3_650) return;
  draft.retentionDays = days;
  ledger.carried(part, 'retention_days');
}
