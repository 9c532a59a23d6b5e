import { hostName } from '../address.ts';
import { durationOf } from '../amounts.ts';
import { apiVersionOf, entraOf } from '../azure.ts';
import { baseUrlOf, isUsualAddress } from '../base-url.ts';
import { type DraftProvider, type DraftProviderFacts, isUpstreamModel, literal, needsKey } from '../draft.ts';
import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';
import { PORTKEY_VENDORS, shownName, unknownVendor, type Vendor, vendorOf } from '../vendors.ts';

/** What a level of a config hands down to the targets below it. */
export interface Inherited {
  readonly timeout?: SourcePart;
  readonly customHost?: SourcePart;
  /** `override_params`. */
  readonly params?: SourcePart;
}

const DAY_MS = 86_400_000;

/** Both spellings of a field: configs may be written in either. */
export function field(part: SourcePart, name: string): SourcePart {
  return part.oneOf(
    name,
    name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  );
}

export function inherit(part: SourcePart, above: Inherited): Inherited {
  const timeout = field(part, 'request_timeout');
  const customHost = field(part, 'custom_host');
  const params = field(part, 'override_params');
  return {
    ...above,
    ...(timeout.present ? { timeout } : {}),
    ...(customHost.present ? { customHost } : {}),
    ...(params.present ? { params } : {}),
  };
}

/**
 * The target at the end of a branch.
 *
 * @param given the model where neither the target nor a level above names one
 * @returns `provider/model`; `undefined` where it could not be carried over
 */
export function readTarget(
  part: SourcePart,
  above: Inherited,
  given: string | undefined,
  importer: Importer,
): string | undefined {
  const { ledger } = importer;
  const inherited = inherit(part, above);
  const model = inherited.params?.at('model');
  const named = splitModel(model?.text);
  const found = findVendor(part, named.slug, model, importer);
  if (found === undefined) return undefined;
  const provider = providerOf(part, found, inherited, importer);
  const deployment = field(part, 'deployment_id');
  const upstream = (found.vendor.preset === 'azure' ? deployment.text : undefined) ?? named.model ?? given;
  if (upstream === undefined || !isUpstreamModel(upstream)) {
    ledger.left(
      field(part, 'provider').present ? field(part, 'provider') : field(part, 'virtual_key'),
      "it names no model: the client's is taken, which a route cannot",
      `clients send ${provider.name}/<model>; or import again with --model <name>`,
    );
    return undefined;
  }
  const target = `${provider.name}/${literal(upstream)}`;
  if (found.vendor.preset === 'azure' && deployment.text !== undefined) ledger.carried(deployment, target);
  else if (named.model !== undefined && model !== undefined) ledger.carried(model, target);
  return target;
}

/** `@openai-prod/gpt-4o` names a vendor's slug and a model. */
function splitModel(text: string | undefined): { slug?: string; model?: string } {
  const [, slug, model] = /^@([^/]+)\/(.+)$/.exec(text ?? '') ?? [];
  if (slug !== undefined && model !== undefined) return { slug, model };
  return text === undefined ? {} : { model: text };
}

interface FoundVendor {
  readonly vendor: Vendor;
  /** Where it is named by an entry of Portkey's vault, which also has its key. */
  readonly stored: { readonly at: SourcePart; readonly entry: string } | undefined;
}

/** @param slug from the model's name @param model where that stands */
function findVendor(
  part: SourcePart,
  slug: string | undefined,
  model: SourcePart | undefined,
  importer: Importer,
): FoundVendor | undefined {
  const { ledger } = importer;
  const provider = field(part, 'provider');
  const virtualKey = field(part, 'virtual_key');
  const name = provider.text;
  if (name !== undefined && !name.startsWith('@')) {
    const vendor = vendorOf(PORTKEY_VENDORS, name);
    if (vendor !== undefined) {
      const entry = virtualKey.text;
      return { vendor, stored: entry === undefined ? undefined : { at: virtualKey, entry } };
    }
    const { why, instead } = unknownVendor(shownName(name));
    ledger.left(part, why, instead);
    return undefined;
  }
  const named = [
    { at: provider, entry: name?.slice(1) },
    { at: model ?? provider, entry: slug },
    { at: virtualKey, entry: virtualKey.text },
  ].find(({ entry }) => entry !== undefined);
  const guess = guessVendor(named?.entry ?? '');
  if (named?.entry === undefined || guess === undefined) {
    ledger.left(
      part,
      "which vendor it means is known to Portkey's vault only",
      'write provider beside it, and import again',
    );
    return undefined;
  }
  ledger.left(
    named.at,
    `which vendor it means is known to Portkey only: by its name it is taken for ${guess.name}`,
    'check the preset',
  );
  return { vendor: guess.vendor, stored: { at: named.at, entry: named.entry } };
}

/** By a slug that begins as the vendor is called: `openai-prod`. The longest name wins. */
function guessVendor(slug: string): { vendor: Vendor; name: string } | undefined {
  const names = Object.keys(PORTKEY_VENDORS).sort((a, b) => b.length - a.length);
  const name = names.find((candidate) => slug === candidate || slug.startsWith(`${candidate}-`));
  const vendor = name === undefined ? undefined : vendorOf(PORTKEY_VENDORS, name);
  return vendor === undefined || name === undefined ? undefined : { vendor, name };
}

function providerOf(part: SourcePart, found: FoundVendor, inherited: Inherited, importer: Importer): DraftProvider {
  const { ledger, draft } = importer;
  const { vendor } = found;
  const host = inherited.customHost;
  const written = host === undefined ? undefined : baseUrlOf(host, vendor.preset, importer);
  const preset = vendor.preset === 'openai' && written !== undefined ? 'openai-compatible' : vendor.preset;
  const baseUrl = written ?? (preset === 'azure' ? azureUrl(part, importer) : undefined);
  const wanted = preset === 'openai-compatible' && baseUrl !== undefined ? hostName(baseUrl) : preset;
  const key = field(part, 'api_key');
  const version = field(part, 'api_version');
  const apiVersion = preset === 'azure' ? apiVersionOf(version, importer) : undefined;
  const azure = {
    tenant: field(part, 'azure_entra_tenant_id'),
    client: field(part, 'azure_entra_client_id'),
    secret: field(part, 'azure_entra_client_secret'),
  };
  const entra = preset === 'azure' && !key.present ? entraOf(azure, importer) : undefined;
  const apiKey = entra ?? importer.key(key, wanted) ?? storedKey(found, preset, wanted, importer);
  const total = inherited.timeout === undefined ? undefined : durationOf(inherited.timeout, 1, DAY_MS);
  const facts: DraftProviderFacts = {
    preset,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(apiVersion === undefined ? {} : { apiVersion }),
    credentials: apiKey === undefined ? [] : [{ name: 'default', apiKey }],
    timeouts: total === undefined ? {} : { total },
  };
  const provider = draft.provider(facts, wanted, part.place);
  const place = `providers.${provider.name}`;
  if (field(part, 'provider').text !== undefined) ledger.carried(field(part, 'provider'), place);
  if (key.text !== undefined) ledger.carried(key, `${place}.api_key`);
  if (host !== undefined && (written !== undefined || isUsualAddress(host, preset)))
    ledger.carried(host, `${place}.base_url`);
  if (total !== undefined && inherited.timeout !== undefined)
    ledger.carried(inherited.timeout, `${place}.timeouts.total`);
  if (apiVersion !== undefined) ledger.carried(version, `${place}.api_version`);
  if (entra !== undefined) {
    for (const one of [...Object.values(azure), field(part, 'azure_auth_mode')]) ledger.carried(one, `${place}.entra`);
  }
  return provider;
}

const ENDPOINT = 'AZURE_OPENAI_ENDPOINT';

function azureUrl(part: SourcePart, importer: Importer): string | undefined {
  const resource = field(part, 'resource_name');
  if (resource.text !== undefined && /^[A-Za-z0-9-]{1,80}$/.test(resource.text)) {
    importer.ledger.carried(resource, 'providers.*.base_url');
    return `https://${resource.text}.openai.azure.com`;
  }
  return importer.variables.as(ENDPOINT, 'address', 'the address of the Azure resource');
}

/** A key that is not in the config: a new variable has to hold it. */
function storedKey(
  { stored }: FoundVendor,
  preset: DraftProviderFacts['preset'],
  wanted: string,
  importer: Importer,
): string | undefined {
  const { variables, ledger } = importer;
  if (stored === undefined) {
    // The client's own key is passed on there; here it is the gateway's, one for all targets of a vendor.
    return needsKey(preset)
      ? variables.forSecret(`client ${wanted}`, `${wanted}_API_KEY`, `a key for ${wanted}`)
      : undefined;
  }
  const holds = `the key that Portkey's vault has for ${stored.at.place}`;
  const reference = variables.forSecret(`vault ${stored.entry}`, `${wanted}_API_KEY`, holds);
  ledger.left(stored.at, "the key itself is in Portkey's vault", `put it into ${reference.slice('${env:'.length, -1)}`);
  return reference;
}
