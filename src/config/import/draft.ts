import { type PresetName, presetOf } from '../presets.ts';

/** What the new file will say. Values are as they will be written: references made, `${` escaped. */

/** An application of Microsoft Entra ID. */
export interface DraftEntra {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface DraftCredential {
  readonly name: string;
  /** Or an application, which gets tokens. */
  readonly apiKey: string | DraftEntra;
  readonly weight?: number;
}

export interface DraftTimeouts {
  readonly firstByte?: string;
  readonly idle?: string;
  readonly total?: string;
}

export interface DraftPrice {
  readonly input: string;
  readonly cachedInput?: string;
  readonly output: string;
}

/** What makes one provider differ from another. */
export interface DraftProviderFacts {
  readonly preset: PresetName;
  readonly baseUrl?: string;
  /** Chooses Azure's older surface. */
  readonly apiVersion?: string;
  /** What the provider calls a model, by model. */
  readonly deployments?: Readonly<Record<string, string>>;
  readonly credentials: readonly DraftCredential[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly proxy?: string;
  readonly timeouts: DraftTimeouts;
}

export interface DraftProvider extends DraftProviderFacts {
  readonly name: string;
  /** The places it was made from. */
  readonly from: string[];
  readonly prices: Map<string, DraftPrice>;
}

export interface DraftTarget {
  /** `provider/model`. */
  readonly target: string;
  readonly weight?: number;
}

export interface DraftRoute {
  readonly strategy: 'fallback' | 'weighted';
  readonly targets: readonly DraftTarget[];
  readonly attemptsMax?: number;
  readonly on?: DraftAlternatives;
  readonly from: readonly string[];
}

/** Where a call goes instead, by what went wrong; each `provider/model`. */
export interface DraftAlternatives {
  readonly contextLength?: readonly string[];
  readonly contentPolicy?: readonly string[];
}

/** What holds everywhere, as far as the source says it. */
export interface DraftPolicies {
  backoff?: 'off';
  breaker?: 'off' | { readonly consecutive?: number; readonly open?: string };
  coolDown?: { readonly unasked: string };
}

export interface DraftAlias {
  readonly target: string;
  readonly from: readonly string[];
}

/** As `file-schema.ts` has it. */
const MODEL_NAME = /^[\x21-\x2e\x30-\x7e]{1,128}$/;
const RESERVED_PROVIDERS = new Set(['sim', 'route']);
/** As many as a route may have. */
export const TARGETS_MAX = 64;
const MODEL_CHARS_MAX = 256;

export class Draft {
  readonly providers = new Map<string, DraftProvider>();
  readonly aliases = new Map<string, DraftAlias>();
  readonly routes = new Map<string, DraftRoute>();
  readonly policies: DraftPolicies = {};
  retentionDays: number | undefined;
  bodyMebibytesMax: number | undefined;
  readonly #identities = new Map<string, DraftProvider>();

  /** The provider with these facts: the one that is there, or a new one, named like `wanted`. */
  provider(facts: DraftProviderFacts, wanted: string, from: string): DraftProvider {
    const identity = JSON.stringify([wanted, facts]);
    const known = this.#identities.get(identity);
    if (known !== undefined) {
      if (!known.from.includes(from)) known.from.push(from);
      return known;
    }
    const name = free(slug(wanted), (candidate) => this.providers.has(candidate) || RESERVED_PROVIDERS.has(candidate));
    const provider: DraftProvider = { ...facts, name, from: [from], prices: new Map() };
    this.#identities.set(identity, provider);
    this.providers.set(name, provider);
    return provider;
  }

  /** A name for clients that is free, as near to `wanted` as names may be. */
  clientName(wanted: string): string {
    return free(modelName(wanted), (name) => this.aliases.has(name) || this.routes.has(name));
  }

  /**
   * Lets clients call targets by a name: one by an alias, several (and one with
   * alternatives) by a route behind an alias, because a bare model name can only
   * be an alias's.
   *
   * @returns the place in the file
   */
  callable(name: string, route: DraftRoute): string {
    const [only, second] = route.targets;
    if (only === undefined) throw new Error('a route needs a target');
    if (second === undefined && route.on === undefined) {
      this.aliases.set(name, { target: only.target, from: route.from });
      return `aliases.${name}`;
    }
    const routeName = this.clientName(`${name.slice(0, 120)}-route`);
    this.routes.set(routeName, { ...route, targets: route.targets.slice(0, TARGETS_MAX) });
    this.aliases.set(name, { target: literal(`route/${routeName}`), from: route.from });
    return `routes.${routeName}`;
  }
}

/** Whether a name can be sent as a model as it stands. */
export function isModelName(text: string): boolean {
  return MODEL_NAME.test(text) && text !== '__proto__';
}

/** Whether a text can stand behind the slash of `provider/model`. */
export function isUpstreamModel(text: string): boolean {
  return text.length <= MODEL_CHARS_MAX && text.trim() !== '' && text !== '__proto__' && !/\p{Cc}/u.test(text);
}

/** Literal text for a file in which `${` begins a reference. */
export function literal(text: string): string {
  // As a function, because `$$` in a replacement text stands for one `$`.
  return text.replaceAll('${', () => '$${');
}

export function needsKey(preset: PresetName): boolean {
  return presetOf(preset).keyNeeded;
}

/** Whether a provider of this kind is nowhere without a base_url. */
export function needsAddress(preset: PresetName): boolean {
  return presetOf(preset).baseUrl === undefined;
}

function modelName(text: string): string {
  const name = text
    .replace(/[^\x21-\x2e\x30-\x7e]+/g, '-')
    .replaceAll('${', '-')
    .slice(0, 120);
  return name === '' || name === '__proto__' ? 'model' : name;
}

/** A name as providers and credentials may have it. */
export function slug(text: string): string {
  const name = text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 56);
  return name === '' ? 'provider' : name;
}

export function free(wanted: string, isTaken: (name: string) => boolean): string {
  let name = wanted;
  for (let next = 2; isTaken(name); next++) name = `${wanted}-${next}`;
  return name;
}
