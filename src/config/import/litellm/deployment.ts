import { hostName } from '../address.ts';
import { durationOf, LONGER_THAN_TOTAL, pricePerMillion, weightOf, withinTotal } from '../amounts.ts';
import { apiVersionOf, entraOf } from '../azure.ts';
import { baseUrlOf, isUsualAddress } from '../base-url.ts';
import {
  type DraftProvider,
  type DraftProviderFacts,
  isUpstreamModel,
  literal,
  needsAddress,
  needsKey,
} from '../draft.ts';
import { headersOf } from '../headers.ts';
import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';
import { LITELLM_VENDORS, shownName, unknownVendor, type Vendor, vendorOf } from '../vendors.ts';

/** One item of `model_list`: a model at a provider, callable by the name of its group. */
export interface Deployment {
  readonly group: string;
  readonly id: string | undefined;
  readonly provider: DraftProvider;
  /** `*` for all that the provider has. */
  readonly model: string;
  readonly part: SourcePart;
  /** What simple-shuffle draws by. */
  readonly weights: Readonly<Record<'weight' | 'rpm' | 'tpm', number | undefined>>;
}

export interface DeploymentDefaults {
  /** By name, from `credential_list`. */
  readonly credentials: ReadonlyMap<string, SourcePart>;
  /** Of one attempt, as the file writes it. */
  readonly timeout: string | undefined;
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** Keys that people write where a server wants none. */
const NO_KEY = /^(?:none|null|na|n\/a|no-key|not-needed|dummy|fake|fake-key|anything|empty)$/i;

export function readDeployment(
  item: SourcePart,
  defaults: DeploymentDefaults,
  importer: Importer,
): Deployment | undefined {
  const { ledger } = importer;
  const group = item.at('model_name');
  const params = item.at('litellm_params');
  const named = params.at('model');
  if (group.text === undefined || named.text === undefined) {
    ledger.left(item, 'it has no model_name or no litellm_params.model', 'declare the provider by hand');
    return undefined;
  }
  const found = vendorAndModel(named.text, params.at('custom_llm_provider').text);
  const vendor = vendorOf(LITELLM_VENDORS, found.vendor);
  if (vendor === undefined || !isUpstreamModel(found.model)) {
    const { why, instead } =
      found.vendor === ''
        ? { why: 'its model names no provider', instead: 'write it as provider/model, and import again' }
        : unknownVendor(shownName(found.vendor));
    ledger.left(item, why, instead);
    return undefined;
  }
  const provider = providerOf(params, vendor, defaults, importer);
  if (provider === undefined) {
    ledger.left(item, 'it has no address that can be written', 'declare it with a base_url by hand');
    return undefined;
  }
  ledger.carried(named, `providers.${provider.name}`);
  ledger.carried(params.at('custom_llm_provider'), `providers.${provider.name}`);
  const deployment: Deployment = {
    group: group.text,
    id: item.at('model_info', 'id').text,
    provider,
    model: literal(found.model),
    part: item,
    weights: {
      weight: weightOf(params.at('weight')),
      rpm: weightOf(params.at('rpm')),
      tpm: weightOf(params.at('tpm')),
    },
  };
  ledger.noted(item.at('model_info', 'id'));
  readPrices(item, provider, found.model, importer);
  return deployment;
}

/** `azure/gpt-4o`; a bare name means a vendor that LiteLLM knows it by. */
export function vendorAndModel(text: string, given: string | undefined): { vendor: string; model: string } {
  const slash = text.indexOf('/');
  const head = slash < 0 ? '' : text.slice(0, slash);
  const tail = text.slice(slash + 1);
  if (given !== undefined) return { vendor: given, model: head === given ? tail : text };
  if (head !== '') return { vendor: head, model: tail };
  if (/^(?:gpt-|o\d|chatgpt-|text-embedding-|dall-e|gpt-image|whisper|tts-)/.test(text)) {
    return { vendor: 'openai', model: text };
  }
  if (text.startsWith('claude')) return { vendor: 'anthropic', model: text };
  return { vendor: text.startsWith('gemini') ? 'gemini' : '', model: text };
}

/** Where the parts of a provider stand: with the deployment, or in the credential that it names. */
function sourceParts(params: SourcePart, credentials: DeploymentDefaults['credentials']) {
  const credential = credentials.get(params.at('litellm_credential_name').text ?? '');
  const field = (...names: string[]) => {
    const own = params.oneOf(...names);
    return own.present || credential === undefined ? own : credential.oneOf(...names);
  };
  return {
    credential,
    address: field('api_base', 'base_url'),
    key: field('api_key'),
    version: field('api_version'),
    entra: { tenant: field('tenant_id'), client: field('client_id'), secret: field('client_secret') },
    timeout: params.at('timeout'),
    streamTimeout: params.at('stream_timeout'),
    headers: params.at('extra_headers'),
  };
}

type SourceParts = ReturnType<typeof sourceParts>;

function providerOf(
  params: SourcePart,
  vendor: Vendor,
  defaults: DeploymentDefaults,
  importer: Importer,
): DraftProvider | undefined {
  const parts = sourceParts(params, defaults.credentials);
  const written = baseUrlOf(parts.address, vendor.preset, importer);
  // An address of one's own behind "openai/" is a server that speaks like OpenAI.
  const preset = vendor.preset === 'openai' && written !== undefined ? 'openai-compatible' : vendor.preset;
  const baseUrl = written ?? defaultAddress(vendor, importer);
  if (needsAddress(preset) && baseUrl === undefined) return undefined;
  const wanted = preset === 'openai-compatible' && baseUrl !== undefined ? hostName(baseUrl) : preset;
  const apiVersion = preset === 'azure' ? apiVersionOf(parts.version, importer) : undefined;
  const entra = preset === 'azure' && !parts.key.present ? entraOf(parts.entra, importer) : undefined;
  const apiKey = entra ?? keyOf(parts.key, vendor, preset, wanted, importer);
  const total = durationOf(parts.timeout, SECOND, DAY) ?? defaults.timeout;
  const firstByte = withinTotal(durationOf(parts.streamTimeout, SECOND, HOUR), total);
  const facts: DraftProviderFacts = {
    preset,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(apiVersion === undefined ? {} : { apiVersion }),
    credentials: apiKey === undefined ? [] : [{ name: 'default', apiKey }],
    headers: {
      ...headersOf(parts.headers, wanted, importer),
      ...organisationHeader(params.at('organization'), importer),
    },
    timeouts: {
      ...(firstByte === undefined ? {} : { firstByte }),
      ...(total === undefined ? {} : { total }),
    },
  };
  const provider = importer.draft.provider(facts, wanted, params.place);
  // Without a text for it, OpenAI's own address was meant, which the preset has.
  const place = `providers.${provider.name}`;
  if (written !== undefined || isUsualAddress(parts.address, preset)) {
    importer.ledger.carried(parts.address, `${place}.base_url`);
  }
  account(parts, provider, importer);
  if (firstByte === undefined) importer.ledger.left(parts.streamTimeout, ...LONGER_THAN_TOTAL);
  accountForCredential(params.at('litellm_credential_name'), parts.credential !== undefined, place, importer);
  return provider;
}

/** What became of everything but the address. */
function account(
  parts: SourceParts,
  { name, apiVersion, credentials, headers, timeouts }: DraftProvider,
  importer: Importer,
): void {
  const { ledger } = importer;
  const place = `providers.${name}`;
  const [credential] = credentials;
  if (parts.key.text !== undefined) {
    ledger.carried(parts.key, credential === undefined ? `${place}, which needs no key` : `${place}.api_key`);
  }
  if (durationOf(parts.timeout, SECOND, DAY) !== undefined) ledger.carried(parts.timeout, `${place}.timeouts.total`);
  if (timeouts.firstByte !== undefined) {
    ledger.carried(parts.streamTimeout, `${place}.timeouts.first_byte`);
  }
  for (const [header, value] of parts.headers.members()) {
    if (Object.hasOwn(headers ?? {}, header.toLowerCase())) ledger.carried(value, `${place}.headers`);
  }
  if (apiVersion !== undefined) ledger.carried(parts.version, `${place}.api_version`);
  if (credential !== undefined && typeof credential.apiKey !== 'string') {
    for (const part of Object.values(parts.entra)) ledger.carried(part, `${place}.entra`);
  }
}

function accountForCredential(name: SourcePart, found: boolean, place: string, { ledger }: Importer): void {
  if (found) ledger.carried(name, `${place}.api_key`);
  else ledger.left(name, 'there is no credential of this name in credential_list', 'declare api_key by hand');
}

function defaultAddress(vendor: Vendor, importer: Importer): string | undefined {
  if (vendor.addressVariable === undefined) return undefined;
  return importer.variables.as(
    vendor.addressVariable,
    'address',
    'an address; LiteLLM reads this variable where none is named',
  );
}

function keyOf(
  part: SourcePart,
  vendor: Vendor,
  preset: DraftProviderFacts['preset'],
  wanted: string,
  importer: Importer,
): string | undefined {
  if (part.text !== undefined && !needsKey(preset) && NO_KEY.test(part.text)) return undefined;
  const written = importer.key(part, wanted);
  if (written !== undefined) return written;
  if (!needsKey(preset) || vendor.keyVariable === undefined) return undefined;
  return importer.variables.existing(vendor.keyVariable, 'a key; LiteLLM reads this variable where none is named');
}

function organisationHeader(part: SourcePart, importer: Importer): Record<string, string> {
  if (part.text === undefined || part.text.length > 200 || /[^\x20-\x7e]/.test(part.text)) return {};
  importer.ledger.carried(part, 'providers.*.headers.openai-organization');
  return { 'openai-organization': importer.reference(part, 'an organisation') ?? literal(part.text) };
}

/** What the file says a model costs; it may stand in either of two places. */
function readPrices(item: SourcePart, provider: DraftProvider, model: string, importer: Importer): void {
  const { ledger } = importer;
  for (const at of [item.at('model_info'), item.at('litellm_params')]) {
    const input = pricePerMillion(at.at('input_cost_per_token'));
    const output = pricePerMillion(at.at('output_cost_per_token'));
    if (input === undefined || output === undefined) continue;
    const cached = at.at('cache_read_input_token_cost');
    const cachedInput = pricePerMillion(cached);
    const price = { input, output, ...(cachedInput === undefined ? {} : { cachedInput }) };
    const known = provider.prices.get(model);
    const parts = [at.at('input_cost_per_token'), at.at('output_cost_per_token'), cached];
    if (known === undefined || JSON.stringify(known) === JSON.stringify(price)) {
      provider.prices.set(model, price);
      for (const part of parts)
        if (pricePerMillion(part) !== undefined) ledger.carried(part, `providers.${provider.name}.prices`);
    } else {
      for (const part of parts) {
        ledger.left(part, 'this model has another price above, at the same provider', 'decide for one of them');
      }
    }
  }
}
