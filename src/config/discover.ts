import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { errorCode, errorMessage } from '../kernel/errors.ts';
import type { CredentialConfig, ProviderConfig } from './config.ts';
import { PRESET_NAMES, type PresetName, presetOf } from './presets.ts';
import { environmentBaseUrl, environmentKey } from './provider-findings.ts';
import { presetProvider } from './resolve-config.ts';
import { Secret } from './secret.ts';

const LOCAL_PROBE_MS = 300;
const KEY_CHECK_MS = 3_000;
const MODELS_MAX = 1_000;

/** Servers that people run on their own machine, each on its usual port. */
const LOCAL_SERVERS: readonly PresetName[] = ['ollama', 'vllm', 'lmstudio'];

/** Keys that were seen, but whose vendors speak a dialect that is not built yet. */
const OTHER_DIALECTS: Readonly<Record<string, string>> = {
  AWS_BEARER_TOKEN_BEDROCK: 'Bedrock Converse',
};

export interface ProbeRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the answer is no longer waited for. */
  readonly signal: AbortSignal;
}

export interface ProbeAnswer {
  readonly status: number;
  readonly body: string;
}

/** One GET request. Rejects when there is no answer. */
export type Probe = (request: ProbeRequest) => Promise<ProbeAnswer>;

export interface FoundProvider {
  readonly provider: ProviderConfig;
  /** Where it was found: the variable's name, or the address. */
  readonly from: string;
  /** What the list of models said, where one was asked. */
  readonly models?: readonly string[];
}

export interface Discovery {
  readonly found: readonly FoundProvider[];
  /** Things worth one line each, such as a key that cannot be used yet. */
  readonly notices: readonly string[];
}

/** Providers by their usual environment variables, and local servers by their usual ports. Takes at most 300 ms. */
export async function discoverProviders(
  env: Readonly<Record<string, string | undefined>>,
  probe: Probe,
  clock: Clock,
): Promise<Discovery> {
  const local = await Promise.all(LOCAL_SERVERS.map((preset) => probeLocal(preset, probe, clock)));
  const notices = Object.entries(OTHER_DIALECTS)
    .filter(([variable]) => (env[variable] ?? '').trim() !== '')
    .map(([variable, dialect]) => `${variable} was seen, but the ${dialect} dialect is not built yet`);
  return { found: [...discoverFromEnvironment(env), ...local.filter((one) => one !== undefined)], notices };
}

/** The part of the discovery that asks nobody. */
export function discoverFromEnvironment(env: Readonly<Record<string, string | undefined>>): FoundProvider[] {
  const found: FoundProvider[] = [];
  for (const name of PRESET_NAMES) {
    const preset = presetOf(name);
    const key = environmentKey(preset, env);
    const baseUrl = environmentBaseUrl(preset, env) ?? preset.baseUrl;
    // A key that a header cannot carry is left to the configuration file's checks, which can say where it stands.
    if (key === undefined || baseUrl === undefined || !/^[\x21-\x7e]+$/.test(key.key)) continue;
    const credential = { name: 'default', apiKey: new Secret(key.key), weight: 1 };
    found.push({
      provider: { ...presetProvider(name, name, 'environment'), baseUrl, credentials: [credential] },
      from: key.variable,
    });
  }
  return found;
}

async function probeLocal(preset: PresetName, probe: Probe, clock: Clock): Promise<FoundProvider | undefined> {
  const provider = presetProvider(preset, preset, 'local-server');
  const url = `${provider.baseUrl}${provider.modelsPath ?? '/models'}`;
  const outcome = await ask(probe, { url, headers: {} }, LOCAL_PROBE_MS, clock);
  if (outcome.kind !== 'answer' || outcome.status !== 200) return undefined;
  // Any other program may listen on such a port: only a list of models counts.
  const models = modelList(outcome.body);
  return models === undefined ? undefined : { provider, from: new URL(url).origin, models };
}

export type KeyCheck =
  | { readonly kind: 'ok'; readonly models?: number }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** The provider offers nothing to ask that is free of charge. */
  | { readonly kind: 'unchecked'; readonly reason: string };

/** Asks a provider whether a key is good, by a call that costs nothing: its list of models. Takes at most 3 s. */
export async function checkKey(
  provider: ProviderConfig,
  credential: CredentialConfig,
  probe: Probe,
  clock: Clock,
): Promise<KeyCheck> {
  const path = provider.keyCheckPath ?? provider.modelsPath;
  if (path === undefined) return { kind: 'unchecked', reason: 'it has no list of models to ask for' };
  const key = credential.apiKey.reveal();
  const headers = {
    ...provider.defaultHeaders,
    ...Object.fromEntries([...provider.headers].map(([name, value]) => [name, value.reveal()])),
    ...(provider.authHeader === 'bearer' ? { authorization: `Bearer ${key}` } : { [provider.authHeader]: key }),
  };
  const outcome = await ask(probe, { url: `${provider.baseUrl}${path}`, headers }, KEY_CHECK_MS, clock);
  if (outcome.kind === 'silence') return { kind: 'unreachable', reason: outcome.reason };
  if (outcome.status === 200) {
    const models = modelList(outcome.body)?.length;
    return { kind: 'ok', ...(models === undefined ? {} : { models }) };
  }
  const isRefusal = outcome.status >= 400 && outcome.status < 500 && outcome.status !== 408 && outcome.status !== 429;
  return isRefusal
    ? { kind: 'refused', status: outcome.status }
    : { kind: 'unreachable', reason: `it answered ${outcome.status}` };
}

type Outcome = ({ readonly kind: 'answer' } & ProbeAnswer) | { readonly kind: 'silence'; readonly reason: string };

/** Waits for a probe no longer than `withinMs`, even when the probe does not listen to its signal. */
function ask(probe: Probe, request: Omit<ProbeRequest, 'signal'>, withinMs: number, clock: Clock): Promise<Outcome> {
  const controller = new AbortController();
  return new Promise((resolve) => {
    const timer = clock.after(withinMs, () => {
      resolve({ kind: 'silence', reason: `no answer within ${withinMs} ms` });
      controller.abort(new Error(`no answer within ${withinMs} ms`));
    });
    probe({ ...request, signal: controller.signal }).then(
      (answer) => {
        timer.cancel();
        resolve({ kind: 'answer', ...answer });
      },
      (cause: unknown) => {
        timer.cancel();
        // Only codes are repeated: a message may hold a header's value.
        resolve({
          kind: 'silence',
          reason: errorCode(cause) ?? (cause instanceof Error ? cause.name : errorMessage(cause)),
        });
      },
    );
  });
}

const model = z.object({ id: z.string().min(1).max(512) });
/** Google's, where each name stands behind the word `models/`. */
const named = z
  .object({ name: z.string().min(1).max(512) })
  .transform(({ name }) => ({ id: name.replace(/^models\//, '') }));
/** OpenAI's list, the bare array that Together sends, or Google's. */
const models = z.union([
  z.object({ data: z.array(model).max(MODELS_MAX) }).transform(({ data }) => data),
  z.array(model).max(MODELS_MAX),
  z.object({ models: z.array(named).max(MODELS_MAX) }).transform(({ models: list }) => list),
]);

function modelList(body: string): string[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    // Not JSON means not a list of models, and that is all the caller asks.
    return undefined;
  }
  const parsed = models.safeParse(json);
  if (!parsed.success) return undefined;
  return parsed.data.map(({ id }) => id);
}
