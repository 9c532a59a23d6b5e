import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import {
  checkKey,
  discoverFromEnvironment,
  discoverProviders,
  type FoundProvider,
  type KeyCheck,
  type Probe,
} from '../config/discover.ts';
import type { Clock } from '../kernel/clock.ts';

const BODY_BYTES_MAX = 8 * 1024 * 1024;

export interface FoundProviders {
  readonly providers: readonly FoundProvider[];
  readonly notices: readonly string[];
  modelsOf(name: string): readonly string[];
  /** Where a provider was found, as a person would say it. */
  sourceOf(name: string): string | undefined;
  /** Checks each found key with a list-models call, never a paid one. */
  checks(done: (name: string, check: KeyCheck) => void): Promise<void>;
}

/** Providers by their usual variables; in dev, also local servers on their usual ports. */
export async function findProviders(
  options: { readonly mode: 'dev' | 'serve'; readonly env: Readonly<Record<string, string | undefined>> },
  clock: Clock,
): Promise<FoundProviders> {
  const { found, notices } =
    options.mode === 'dev'
      ? await discoverProviders(options.env, httpProbe, clock)
      : { found: discoverFromEnvironment(options.env), notices: [] };
  const byName = new Map(found.map((one) => [one.provider.name, one]));
  return {
    providers: found,
    notices,
    modelsOf: (name) => byName.get(name)?.models ?? [],
    sourceOf: (name) => byName.get(name)?.from,
    async checks(done) {
      const remote = found.filter(({ models }) => models === undefined);
      await Promise.all(
        remote.map(async ({ provider }) => {
          const [credential] = provider.credentials;
          if (credential !== undefined) done(provider.name, await checkKey(provider, credential, httpProbe, clock));
        }),
      );
    },
  };
}

/** One GET on a socket of its own, without redirects, so that a key never follows one to another host. */
export const httpProbe: Probe = ({ url, headers, signal }) =>
  new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(
      url,
      { headers: { accept: 'application/json', ...headers }, agent: false, signal },
      (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > BODY_BYTES_MAX) answer.destroy(new Error(`an answer of more than ${BODY_BYTES_MAX} bytes`));
          else chunks.push(chunk);
        });
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        answer.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end();
  });
