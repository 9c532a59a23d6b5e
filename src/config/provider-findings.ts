import { resolve } from 'node:path';
import { didYouMean } from './did-you-mean.ts';
import { memberOf, members, valueAt } from './document-tree.ts';
import { fileTrouble, type ReferenceSources } from './interpolate.ts';
import { isLoopbackHost } from './loopback.ts';
import { isPresetName, PRESET_NAMES, type Preset, presetOf } from './presets.ts';
import { error, type Finding, warning } from './problem.ts';

/** Names that model strings use for something else. */
const RESERVED: Readonly<Record<string, string>> = {
  sim: 'the simulated provider',
  route: 'routes',
};

/** Headers that belong to the transport; setting one would break the framing or the target of a request. */
const TRANSPORT_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What is wrong with the declared providers beyond their shape: presets, addresses, keys and files that do not fit together. */
export function providerFindings(
  document: unknown,
  sources: ReferenceSources,
  resolved: ReadonlySet<string>,
): Finding[] {
  return members(document, 'providers').flatMap(([name, value]) => {
    if (typeof value !== 'object' || value === null) return [];
    const preset = presetFor(name, value);
    return [
      ...nameFindings(name),
      ...(preset === undefined ? presetFindings(name, value) : addressFindings(name, value, preset, sources)),
      ...credentialFindings(name, value),
      ...writtenKeyFindings(name, value, preset, resolved),
      ...headerFindings(name, value),
      ...fileFindings(name, value, sources),
    ];
  });
}

/** The preset a declaration names, or that its own name names. */
export function presetFor(name: string, declared: unknown): Preset | undefined {
  const preset = memberOf(declared, 'preset') ?? name;
  return typeof preset === 'string' && isPresetName(preset) ? presetOf(preset) : undefined;
}

function nameFindings(name: string): Finding[] {
  const owner = Object.hasOwn(RESERVED, name) ? RESERVED[name] : undefined;
  return owner === undefined
    ? []
    : [error(['providers', name], `"${name}" is the name of ${owner}: choose another`, 'key')];
}

function presetFindings(name: string, declared: unknown): Finding[] {
  // A preset that is written but wrong is the schema's to report.
  if (memberOf(declared, 'preset') !== undefined) return [];
  const guess = didYouMean(name, PRESET_NAMES) || ': "openai-compatible" fits most others';
  return [error(['providers', name], `provider "${name}" needs a preset${guess}`, 'key')];
}

function addressFindings(name: string, declared: unknown, preset: Preset, sources: ReferenceSources): Finding[] {
  const path = ['providers', name];
  const findings: Finding[] = [];
  const baseUrl = memberOf(declared, 'base_url');
  if (baseUrl === undefined && preset.baseUrl === undefined && environmentBaseUrl(preset, sources.env) === undefined) {
    const instead = preset.baseUrlVariable === undefined ? '' : `, or set ${preset.baseUrlVariable.name}`;
    findings.push(error(path, `provider "${name}" needs a base_url: its preset has none${instead}`, 'key'));
  }
  const hasKey =
    SINGLE.some((field) => memberOf(declared, field) !== undefined) || memberOf(declared, 'credentials') !== undefined;
  if (!hasKey && preset.keyNeeded && environmentKey(preset, sources.env) === undefined) {
    const variable = preset.keyVariables[0];
    const how = variable === undefined ? 'write api_key' : `set ${variable}, or write api_key`;
    findings.push(error(path, `provider "${name}" has no key: ${how}`, 'key'));
  }
  if (memberOf(declared, 'api_version') !== undefined && preset.versioned === undefined) {
    findings.push(error([...path, 'api_version'], 'api_version means something to the preset azure only', 'key'));
  }
  const url = typeof baseUrl === 'string' ? URL.parse(baseUrl) : null;
  if (hasKey && url?.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    findings.push(warning([...path, 'base_url'], 'the key travels unencrypted: use https://'));
  }
  return findings;
}

/** The ways to say one credential; each stands alone. */
const SINGLE = ['api_key', 'entra', 'token_file'] as const;

function credentialFindings(name: string, declared: unknown): Finding[] {
  const path = ['providers', name, 'credentials'];
  const credentials = memberOf(declared, 'credentials');
  const singles = SINGLE.filter((field) => memberOf(declared, field) !== undefined);
  if (!Array.isArray(credentials)) {
    const [first, second] = singles;
    if (first === undefined || second === undefined) return [];
    return [error(['providers', name, second], `write ${first} or ${second}, not both`, 'key')];
  }
  const findings: Finding[] = [];
  if (singles[0] !== undefined) {
    findings.push(error(path, `write ${singles[0]} or credentials, not both`, 'key'));
  }
  const seen = new Set<unknown>();
  for (const [index, credential] of credentials.entries()) {
    const said = SINGLE.filter((field) => memberOf(credential, field) !== undefined);
    if (said.length !== 1) {
      const what = said.length === 0 ? 'has none of' : 'may have only one of';
      findings.push(error([...path, index], `a credential ${what} ${SINGLE.join(', ')}`));
    }
    const own = memberOf(credential, 'name');
    if (own !== undefined && seen.has(own)) {
      findings.push(error([...path, index, 'name'], 'two credentials have this name'));
    }
    seen.add(own);
  }
  return findings;
}

/** Keys in files end up in version control and in backups. */
function writtenKeyFindings(
  name: string,
  declared: unknown,
  preset: Preset | undefined,
  resolved: ReadonlySet<string>,
): Finding[] {
  if (preset?.local === true) return [];
  const credentials = memberOf(declared, 'credentials');
  const places: (string | number)[][] = (Array.isArray(credentials) ? credentials : []).map((_, index) => [
    'credentials',
    index,
  ]);
  const paths = [[], ...places].flatMap((place) => [
    ['providers', name, ...place, 'api_key'],
    ['providers', name, ...place, 'entra', 'client_secret'],
  ]);
  return paths
    .filter((path) => typeof valueAt(declared, path.slice(2)) === 'string' && !resolved.has(JSON.stringify(path)))
    .map((path) => warning(path, `a key is written into the file: use \${env:NAME} or \${file:/path}`, 'key'));
}

function headerFindings(name: string, declared: unknown): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [header] of members(declared, 'headers')) {
    const path = ['providers', name, 'headers', header];
    const lower = header.toLowerCase();
    if (TRANSPORT_HEADERS.has(lower)) findings.push(error(path, `header "${lower}" is the transport's own`, 'key'));
    if (seen.has(lower)) findings.push(error(path, `header "${lower}" is written twice`, 'key'));
    seen.add(lower);
  }
  return findings;
}

function fileFindings(name: string, declared: unknown, sources: ReferenceSources): Finding[] {
  const findings: Finding[] = [];
  for (const field of ['ca_file', 'client_cert_file', 'client_key_file', 'token_file']) {
    const file = memberOf(declared, field);
    if (typeof file !== 'string' || file === '') continue;
    try {
      sources.readText(resolve(sources.directory, file));
    } catch (cause) {
      findings.push(error(['providers', name, field], `${field} cannot be read: ${fileTrouble(cause)}`));
    }
  }
  const certificate = memberOf(declared, 'client_cert_file');
  const key = memberOf(declared, 'client_key_file');
  if ((certificate === undefined) !== (key === undefined)) {
    const field = certificate === undefined ? 'client_key_file' : 'client_cert_file';
    findings.push(error(['providers', name, field], 'client_cert_file and client_key_file need each other', 'key'));
  }
  return findings;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The first of a preset's usual variables that holds a key. */
export function environmentKey(preset: Preset, env: Environment): { variable: string; key: string } | undefined {
  for (const variable of preset.keyVariables) {
    const key = env[variable]?.trim();
    if (key !== undefined && key !== '') return { variable, key };
  }
  return undefined;
}

/** The customer's own address from the environment, where a preset knows a variable for it. */
export function environmentBaseUrl(preset: Preset, env: Environment): string | undefined {
  if (preset.baseUrlVariable === undefined) return undefined;
  const value = env[preset.baseUrlVariable.name]?.trim().replace(/\/+$/, '');
  if (value === undefined || value === '') return undefined;
  return value.endsWith(preset.baseUrlVariable.append) ? value : value + preset.baseUrlVariable.append;
}

/** An address that somebody wrote; where customers have addresses of their own, a bare host gets the preset's usual path. */
export function completedBaseUrl(preset: Preset, baseUrl: string): string {
  const bare = URL.parse(baseUrl)?.pathname === '/';
  return bare && preset.baseUrlVariable !== undefined ? baseUrl + preset.baseUrlVariable.append : baseUrl;
}
