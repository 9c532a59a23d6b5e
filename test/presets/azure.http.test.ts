import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AzureOpenAI } from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { answerBytes, RawUpstream, type SeenRequest } from '../support/raw-upstream.ts';
import { presetGateway } from './preset-gateway.ts';

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-mini-2024-07-18',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
});
const MESSAGES = [{ role: 'user' as const, content: 'hi' }];

const json = (body: string, status = 200) => answerBytes(status, 'application/json', Buffer.from(body));

function answering(): Promise<RawUpstream> {
  return RawUpstream.start((socket) => void socket.write(json(ANSWER)));
}

const pathOf = (seen: SeenRequest | undefined) => seen?.head.split(' ')[1];
const call = { model: 'az/gpt-4o-mini', messages: MESSAGES };

test('the older surface gets the deployment in its path, exactly as the official client puts it there', async () => {
  await using upstream = await answering();
  const endpoint = `http://127.0.0.1:${upstream.port}`;
  const direct = new AzureOpenAI({
    endpoint,
    apiKey: 'k',
    apiVersion: '2024-10-21',
    deployment: 'mini-eu',
    maxRetries: 0,
  });
  await direct.chat.completions.create({ model: 'mini-eu', messages: MESSAGES });
  const { gateway } = await presetGateway(
    `providers:\n  az:\n    preset: azure\n    base_url: ${endpoint}\n    api_version: "2024-10-21"\n    api_key: k\n    deployments:\n      gpt-4o-mini: mini-eu\n`,
  );
  await using _ = gateway;
  const response = await gateway.post('/v1/chat/completions', call);
  expect(response.status).toBe(200);
  expect(pathOf(upstream.seen[1])).toBe('/openai/deployments/mini-eu/chat/completions?api-version=2024-10-21');
  expect(pathOf(upstream.seen[1])).toBe(pathOf(upstream.seen[0]));
  expect(JSON.parse(upstream.seen[1]?.body ?? '')).toEqual({ model: 'mini-eu', messages: MESSAGES });
  expect(upstream.seen[1]?.head).toContain('api-key: k');
  // 1000 × 0.15 + 100 × 0.60 US dollars per million: the model's price, whatever its deployment is called.
  expect(response.headers.get('x-leeward-cost')).toBe('0.00021');
  expect(gateway.starts[0]).toMatchObject({ provider: 'az', model: 'gpt-4o-mini' });
});

test.each([
  ['https://x.example/openai/v1', undefined, '/openai/v1/chat/completions'],
  ['https://x.example', undefined, '/openai/v1/chat/completions'],
  ['https://x.example', '2024-10-21', '/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21'],
  [
    'https://x.example/openai/v1',
    '2024-10-21',
    '/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21',
  ],
  ['https://x.example/openai', '2024-10-21', '/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21'],
])('the address %s with the version %s leads to %s', async (address, version, expected) => {
  await using upstream = await answering();
  const baseUrl = address.replace('https://x.example', `http://127.0.0.1:${upstream.port}`);
  const { gateway } = await presetGateway(
    `providers:\n  az:\n    preset: azure\n    base_url: ${baseUrl}\n    api_key: k\n${version === undefined ? '' : `    api_version: "${version}"\n`}`,
  );
  await using _ = gateway;
  await gateway.post('/v1/chat/completions', call);
  expect(pathOf(upstream.seen[0])).toBe(expected);
});

test('a model name cannot leave its place in the path', async () => {
  await using upstream = await answering();
  const { gateway } = await presetGateway(
    `providers:\n  az:\n    preset: azure\n    base_url: http://127.0.0.1:${upstream.port}\n    api_key: k\n    api_version: "2024-10-21"\n`,
  );
  await using _ = gateway;
  await gateway.post('/v1/chat/completions', { ...call, model: 'az/a/admin?x=$&#y' });
  expect(pathOf(upstream.seen[0])).toBe(
    '/openai/deployments/a%2Fadmin%3Fx%3D%24%26%23y/chat/completions?api-version=2024-10-21',
  );
  const { status } = await gateway.post('/v1/chat/completions', { ...call, model: 'az/../../admin' });
  expect([status, upstream.seen.length]).toEqual([400, 1]);
});

/** A stand-in for Entra: gives out `token-1`, `token-2`, … */
async function issuer(lifeS: number | undefined = 3_599): Promise<RawUpstream> {
  let issued = 0;
  return RawUpstream.start((socket) => {
    issued++;
    const token = { token_type: 'Bearer', expires_in: lifeS, access_token: `token-${issued}` };
    socket.write(json(JSON.stringify(token)));
  });
}

const entraYaml = (upstream: RawUpstream, entra: RawUpstream) => `providers:
  az:
    preset: azure
    base_url: http://127.0.0.1:${upstream.port}
    entra:
      tenant_id: contoso.example
      client_id: app-1
      client_secret: \${env:SECRET}
      authority: http://127.0.0.1:${entra.port}
`;

const SECRET = 'entra-canary-secret+/=';

test('an Entra token is asked for once, with the form the flow wants, and goes along as a bearer token', async () => {
  await using upstream = await answering();
  await using entra = await issuer();
  const { gateway } = await presetGateway(entraYaml(upstream, entra), { SECRET });
  await using _ = gateway;
  const statuses = await Promise.all(
    [1, 2, 3].map(async () => (await gateway.post('/v1/chat/completions', call)).status),
  );
  await gateway.post('/v1/chat/completions', { ...call, stream: false });
  expect(statuses).toEqual([200, 200, 200]);
  expect(entra.seen).toHaveLength(1);
  expect(pathOf(entra.seen[0])).toBe('/contoso.example/oauth2/v2.0/token');
  expect(Object.fromEntries(new URLSearchParams(entra.seen[0]?.body))).toEqual({
    grant_type: 'client_credentials',
    client_id: 'app-1',
    client_secret: SECRET,
    scope: 'https://cognitiveservices.azure.com/.default',
  });
  expect(upstream.seen).toHaveLength(4);
  for (const { head } of upstream.seen) {
    expect(head).toContain('authorization: Bearer token-1');
    expect(head).not.toContain('api-key');
  }
});

test('an issuer that refuses is told of in our words, without secrets, and the next target is tried', async () => {
  await using upstream = await answering();
  await using entra = await RawUpstream.start((socket) => {
    socket.write(json(`{"error":"invalid_client","error_description":"AADSTS7000215: ${SECRET}"}`, 401));
  });
  const { gateway } = await presetGateway(entraYaml(upstream, entra), { SECRET });
  await using _ = gateway;
  const response = await gateway.post('/v1/chat/completions', call);
  const text = await response.text();
  expect(response.status).toBe(502);
  expect(text).toContain('Microsoft Entra ID issued no token (status 401, invalid_client)');
  expect(text).not.toContain(SECRET);
  expect(upstream.seen).toHaveLength(0);
  expect(gateway.ends).toMatchObject([{ outcome: 'failed', errorCode: 'upstream_error' }]);

  const { gateway: pool } = await presetGateway(
    `providers:
  az:
    preset: azure
    base_url: http://127.0.0.1:${upstream.port}
    credentials:
      - name: entra
        weight: 1000000
        entra: { tenant_id: t, client_id: c, client_secret: s, authority: "http://127.0.0.1:${entra.port}" }
      - { name: key, api_key: k, weight: 0.000001 }
`,
  );
  await using __ = pool;
  expect((await pool.post('/v1/chat/completions', call)).status).toBe(200);
  expect(pool.starts.map(({ credential }) => credential)).toEqual(['entra', 'key']);
});

test('a client that leaves while its call waits for a token sends nothing upstream', async () => {
  await using upstream = await answering();
  let release: () => void = () => undefined;
  await using entra = await RawUpstream.start(async (socket) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    socket.write(json('{"token_type":"Bearer","expires_in":3599,"access_token":"late"}'));
  });
  const { gateway } = await presetGateway(entraYaml(upstream, entra), { SECRET });
  await using _ = gateway;
  const leaving = new AbortController();
  const running = fetch(`${gateway.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(call),
    signal: leaving.signal,
  });
  while (entra.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  leaving.abort();
  await expect(running).rejects.toThrow();
  while (gateway.ends.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  release();
  expect(gateway.ends).toMatchObject([{ outcome: 'cancelled' }]);
  await gateway.post('/v1/chat/completions', call);
  expect(upstream.seen).toHaveLength(1);
  expect(upstream.seen[0]?.head).toContain('Bearer late');
});

test('a token in a file is read again after it was refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeward-token-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  writeFileSync(file, 'old-token\n');
  await using upstream = await RawUpstream.start((socket, { head }) => {
    const good = head.includes('Bearer new-token');
    socket.write(good ? json(ANSWER) : json('{"error":{"code":"401","message":"Access denied."}}', 401));
  });
  const { gateway } = await presetGateway(
    `providers:\n  az:\n    preset: azure\n    base_url: http://127.0.0.1:${upstream.port}\n    token_file: ${file}\n`,
  );
  await using _ = gateway;
  expect((await gateway.post('/v1/chat/completions', call)).status).toBe(401);
  writeFileSync(file, 'new-token\n');
  expect((await gateway.post('/v1/chat/completions', call)).status).toBe(200);
  // While the one at hand works, a file that is gone for a moment does not matter.
  rmSync(file);
  expect((await gateway.post('/v1/chat/completions', call)).status).toBe(200);
});
