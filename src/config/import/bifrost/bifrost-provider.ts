import { addressOf, hostName } from '../address.ts';
import { durationOf, LONGER_THAN_TOTAL, withinTotal } from '../amounts.ts';
import { apiVersionOf } from '../azure.ts';
import { baseUrlOf } from '../base-url.ts';
import { type DraftProvider, type DraftProviderFacts, needsAddress } from '../draft.ts';
import { headersOf } from '../headers.ts';
import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';
import { BIFROST_VENDORS, shownName, unknownVendor, type Vendor, vendorOf } from '../vendors.ts';
import { accountForKey, credentialsOf, deploymentsOf, type KeyGroup, keyGroups } from './key-groups.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** One provider of Bifrost: several of ours, where its keys are for different addresses or models. */
export function readProvider(name: string, part: SourcePart, importer: Importer): void {
  const { ledger } = importer;
  const base = part.at('custom_provider_config', 'base_provider_type');
  const vendor = vendorFor(name, base.text);
  if (vendor === undefined) {
    const { why, instead } = unknownVendor(shownName(base.text ?? name));
    ledger.left(part, why, instead);
    return;
  }
  const reader = new ProviderReader(name, part, vendor, importer);
  const groups: readonly (KeyGroup | undefined)[] = keyGroups(part.at('keys').items(), importer);
  let first: DraftProvider | undefined;
  for (const group of groups.length === 0 ? [undefined] : groups) {
    const provider = reader.read(group);
    if (provider === undefined) continue;
    if (first !== undefined && group !== undefined && provider !== first) {
      ledger.left(
        group.apart,
        'its key is for another address or other models than those before it',
        `it is a provider of its own: clients send ${provider.name}/<model> for it`,
      );
    }
    first ??= provider;
  }
  if (first === undefined) return;
  ledger.carried(base, `providers.${first.name}.preset`);
  ledger.noted(part.at('custom_provider_config', 'is_key_less'));
}

/** A provider of one's own has a base; that of a known name decides for itself. */
function vendorFor(name: string, base: string | undefined): Vendor | undefined {
  if (base === undefined) return vendorOf(BIFROST_VENDORS, name);
  return base === 'openai' ? { preset: 'openai-compatible' } : undefined;
}

/** What all keys of a provider share is read once. */
class ProviderReader {
  readonly #name: string;
  readonly #part: SourcePart;
  readonly #vendor: Vendor;
  readonly #importer: Importer;
  readonly #baseUrl: string | undefined;
  readonly #shared: Pick<DraftProviderFacts, 'headers' | 'proxy' | 'timeouts'>;

  constructor(name: string, part: SourcePart, vendor: Vendor, importer: Importer) {
    this.#name = name;
    this.#part = part;
    this.#vendor = vendor;
    this.#importer = importer;
    const network = part.at('network_config');
    const total = durationOf(network.at('default_request_timeout_in_seconds'), SECOND, 24 * HOUR);
    const idle = withinTotal(durationOf(network.at('stream_idle_timeout_in_seconds'), SECOND, HOUR), total);
    const proxy = proxyOf(part.at('proxy_config'), name, importer);
    this.#baseUrl = networkUrl(network.at('base_url'), vendor, importer);
    this.#shared = {
      headers: headersOf(network.at('extra_headers'), name, importer),
      ...(proxy === undefined ? {} : { proxy }),
      timeouts: { ...(idle === undefined ? {} : { idle }), ...(total === undefined ? {} : { total }) },
    };
  }

  /** @returns `undefined` where it has no address, which is then told */
  read(group: KeyGroup | undefined): DraftProvider | undefined {
    const { draft, ledger } = this.#importer;
    const { preset } = this.#vendor;
    const own = group?.address.present ? baseUrlOf(group.address, preset, this.#importer, '/v1') : undefined;
    const url = own ?? this.#baseUrl;
    if (needsAddress(preset) && url === undefined) {
      for (const part of group?.keys ?? [this.#part]) {
        ledger.left(part, 'it has no address that can be written', 'declare it with a base_url by hand');
      }
      return undefined;
    }
    const wanted = preset === 'openai-compatible' ? this.#name : preset;
    const version = group?.keys[0]?.at('azure_key_config', 'api_version');
    const apiVersion = preset === 'azure' && version !== undefined ? apiVersionOf(version, this.#importer) : undefined;
    const provider = draft.provider(
      {
        preset: preset === 'openai' && url !== undefined ? 'openai-compatible' : preset,
        ...(url === undefined ? {} : { baseUrl: url }),
        ...(apiVersion === undefined ? {} : { apiVersion }),
        ...(group === undefined ? {} : { deployments: deploymentsOf(group) }),
        credentials: this.#importer.withKey(preset, credentialsOf(group?.keys ?? [], wanted, this.#importer), wanted),
        ...this.#shared,
      },
      wanted === 'openai-compatible' && url !== undefined ? hostName(url) : wanted,
      this.#part.place,
    );
    this.#account(provider);
    for (const key of group?.keys ?? []) accountForKey(key, provider, own !== undefined, this.#importer);
    return provider;
  }

  #account({ name }: DraftProvider): void {
    const { ledger } = this.#importer;
    const network = this.#part.at('network_config');
    const { headers, proxy, timeouts } = this.#shared;
    const place = `providers.${name}`;
    if (this.#baseUrl !== undefined) ledger.carried(network.at('base_url'), `${place}.base_url`);
    if (timeouts.total !== undefined) {
      ledger.carried(network.at('default_request_timeout_in_seconds'), `${place}.timeouts.total`);
    }
    if (timeouts.idle !== undefined) {
      ledger.carried(network.at('stream_idle_timeout_in_seconds'), `${place}.timeouts.idle`);
    } else ledger.left(network.at('stream_idle_timeout_in_seconds'), ...LONGER_THAN_TOTAL);
    if (proxy !== undefined) {
      for (const field of ['type', 'url', 'username', 'password']) {
        ledger.carried(this.#part.at('proxy_config', field), `${place}.proxy`);
      }
    }
    for (const [header, value] of network.at('extra_headers').members()) {
      if (Object.hasOwn(headers ?? {}, header.toLowerCase())) ledger.carried(value, `${place}.headers`);
    }
  }
}

/** Bifrost's addresses end before `/v1`, which it puts behind them. */
function networkUrl(part: SourcePart, { preset }: Vendor, importer: Importer): string | undefined {
  const appended = preset === 'perplexity' ? '' : '/v1';
  if (importer.variableIn(part) !== undefined || preset === 'azure') return baseUrlOf(part, preset, importer, appended);
  if (part.text === undefined) return undefined;
  const address = addressOf(part.text, '');
  if ('url' in address) return address.url.endsWith(appended) ? address.url : address.url + appended;
  importer.ledger.left(part, `this address cannot be written: ${address.trouble}`, 'write base_url by hand');
  return undefined;
}

function proxyOf(part: SourcePart, name: string, importer: Importer): string | undefined {
  const url = part.at('url');
  if (part.at('type').text !== 'http' || url.text === undefined || part.at('ca_cert_pem').present) return undefined;
  const user = part.at('username').text;
  const variable = importer.variableIn(url);
  if (variable !== undefined) {
    return user === undefined ? importer.variables.as(variable, 'address', "a proxy's address") : undefined;
  }
  const parsed = URL.parse(url.text);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return undefined;
  // An address may hold a password even where no field is called so.
  return importer.variables.forSecret(
    `proxy ${url.text} ${user ?? ''}`,
    `${name}_PROXY`,
    `the proxy's address of ${part.place}, as http://user:password@host:port`,
  );
}
