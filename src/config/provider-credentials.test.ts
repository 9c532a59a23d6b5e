import { describe, expect, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';

function load(yaml: string, env: Readonly<Record<string, string>> = {}) {
  const path = '/etc/leeward/leeward.yaml';
  return loadConfig({ path, required: true, env, readText: (file) => (file === path ? yaml : 'x') });
}

function problemsOf(yaml: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    return load(yaml, env).warnings;
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return thrown.problems.map(({ message, line }) => `${line}: ${message}`);
  }
}

const ENTRA = `entra: { tenant_id: contoso.example, client_id: app, client_secret: "\${env:SECRET}" }`;
const env = { SECRET: 's3cret' };
const azure = (lines: string) =>
  `providers:\n  az:\n    preset: azure\n    base_url: https://x.openai.azure.com\n${lines}`;

test('an Entra application stands where a key stood, with the usual scope and authority', () => {
  const provider = load(azure(`    ${ENTRA}\n`), env).config.providers.get('az');
  expect(provider?.credentials).toEqual([]);
  expect(provider?.tokens).toMatchObject([
    {
      name: 'default',
      weight: 1,
      entra: {
        tenantId: 'contoso.example',
        clientId: 'app',
        scope: 'https://cognitiveservices.azure.com/.default',
        authority: 'https://login.microsoftonline.com',
      },
    },
  ]);
  expect(JSON.stringify(provider?.tokens)).not.toContain('s3cret');
});

test('keys and tokens may stand in one pool; a token file is found from where the configuration is', () => {
  const provider = load(
    azure(`    credentials:
      - { name: key, api_key: "\${env:SECRET}", weight: 2 }
      - { name: file, token_file: secrets/token }
      - name: app
        ${ENTRA}
`),
    env,
  ).config.providers.get('az');
  expect(provider?.credentials.map(({ name, weight }) => [name, weight])).toEqual([['key', 2]]);
  expect(provider?.tokens).toMatchObject([
    { name: 'file', tokenFile: '/etc/leeward/secrets/token', weight: 1 },
    { name: 'app' },
  ]);
});

test('a version chooses the older surface, whatever end the address has', () => {
  for (const end of ['', '/openai', '/openai/v1']) {
    const yaml = `providers:\n  azure:\n    base_url: https://x.openai.azure.com${end}\n    api_key: k\n    api_version: 2024-10-21\n`;
    expect(load(yaml).config.providers.get('azure')).toMatchObject({
      baseUrl: 'https://x.openai.azure.com',
      pathTemplate: '/openai/deployments/{model}{operation}?api-version=2024-10-21',
    });
  }
  const fromEnvironment = load('providers:\n  azure: { api_version: 2024-10-21 }\n', {
    AZURE_OPENAI_API_KEY: 'k',
    AZURE_OPENAI_ENDPOINT: 'https://y.openai.azure.com/',
  });
  expect(fromEnvironment.config.providers.get('azure')?.baseUrl).toBe('https://y.openai.azure.com');
});

describe('what does not fit together is told of with its line', () => {
  test.each([
    ['two ways at once', azure(`    api_key: "\${env:SECRET}"\n    ${ENTRA}\n`), '6: write api_key or entra, not both'],
    [
      'a way beside the list',
      azure(`    ${ENTRA}\n    credentials: [{ name: a, api_key: "\${env:SECRET}" }]\n`),
      '6: write entra or credentials, not both',
    ],
    [
      'a credential that is none',
      azure('    credentials:\n      - { name: a }\n'),
      '6: a credential has none of api_key, entra, token_file',
    ],
    [
      'a credential that is two',
      azure(`    credentials:\n      - { name: a, api_key: "\${env:SECRET}", token_file: t }\n`),
      '6: a credential may have only one of api_key, entra, token_file',
    ],
    [
      'a version where there are none',
      `providers:\n  groq:\n    api_key: "\${env:SECRET}"\n    api_version: "1"\n`,
      '4: api_version means something to the preset azure only',
    ],
    [
      'a tenant that would change the path',
      azure(`    entra: { tenant_id: a/b, client_id: c, client_secret: "\${env:SECRET}" }\n`),
      '5: tenant_id must be the id or domain of a tenant',
    ],
    [
      'a deployment that would change the path',
      azure(`    api_key: "\${env:SECRET}"\n    deployments: { gpt-4o: ../x }\n`),
      '6: gpt-4o must be the name of a deployment',
    ],
  ])('%s', (_, yaml, expected) => {
    expect(problemsOf(yaml, env)).toEqual([expected]);
  });

  test('a secret that is written into the file is worth a warning', () => {
    const written = azure('    entra: { tenant_id: t, client_id: c, client_secret: s3cret }\n');
    expect(problemsOf(written)).toEqual([expect.stringContaining('a key is written into the file')]);
    expect(problemsOf(written).join()).not.toContain('s3cret');
  });
});
