import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answerBytes, RawUpstream } from '../support/raw-upstream.ts';
import { Program, ServedGateway, temporaryDir } from './served-gateway.ts';

// Processes of their own, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const SAMPLES = join(import.meta.dirname, '../fixtures/import');
const OK_BODY =
  '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}';

let directory: string;
let out: string;

beforeEach(() => {
  directory = temporaryDir();
  out = join(directory, 'leeward.yaml');
});

afterEach(() => rmSync(directory, { recursive: true }));

/** A file of theirs in the test's directory, as text or as one of the samples. */
function theirs(name: string, text?: string): string {
  const path = join(directory, name);
  if (text === undefined) copyFileSync(join(SAMPLES, name), path);
  else writeFileSync(path, text);
  return path;
}

const importing = (...args: string[]) => Program.run(['import', ...args]);

test.each([
  ['litellm', 'litellm.yaml'],
  ['portkey', 'portkey-fallback.json'],
  ['bifrost', 'bifrost.json'],
])('what %s leaves ends with code 10, and the file is written and valid', async (product, sample) => {
  const ran = await importing(product, theirs(sample), '--out', out, '--json');
  expect([ran.code, ran.stderr]).toEqual([10, '']);
  const said = JSON.parse(ran.stdout) as {
    complete: boolean;
    left: unknown[];
    variables: { name: string; holds: string }[];
  };
  expect(said.complete).toBe(false);
  expect(said.left.length).toBeGreaterThan(3);
  const env = Object.fromEntries(
    said.variables.map(({ name, holds }) => [name, holds.includes('tenant') ? 'acme' : 'https://acme.invalid']),
  );
  const checked = await Program.run(['config', 'validate', out], env);
  expect([checked.code, checked.stderr]).toEqual([0, '']);
  expect(readFileSync(out, 'utf8') + ran.stdout).not.toContain('canary');
});

test('a person reads on stderr what to set, what was left with its line, and what comes next', async () => {
  const ran = await importing('portkey', theirs('portkey-conditional.json'), '--out', out);
  expect([ran.code, ran.stdout]).toEqual([10, '']);
  expect(ran.stderr).toMatch(/^Set before the start:\n {2}OPENAI_API_KEY {4}the key that stood at /);
  expect(ran.stderr).toMatch(
    /portkey-conditional\.json:7 {2}config\.strategy\.conditions\n {4}conditions are not evaluated\n {4}→ /,
  );
  expect(ran.stderr.trimEnd().split('\n').at(-1)).toBe(
    `${out}: 16 carried over, 2 not; next: leeward config validate ${out}`,
  );
});

test('a file that is there is replaced only with --force, and a refused one is left as it was', async () => {
  const file = theirs('bifrost.json');
  writeFileSync(out, 'mine');
  const refused = await importing('bifrost', file, '--out', out);
  expect([refused.code, readFileSync(out, 'utf8')]).toEqual([9, 'mine']);
  expect((await importing('bifrost', file, '--out', out, '--force')).code).toBe(10);
  const written = statSync(out).mtimeMs;
  const broken = await importing('litellm', theirs('broken.yaml', 'model_list: [\n'), '--out', out, '--force');
  expect([broken.code, statSync(out).mtimeMs]).toEqual([3, written]);
  expect(broken.stderr).toMatch(/broken\.yaml:2:1 {2}error/);
});

test('a wrong product, a missing file and a text that is none of theirs end with their own codes and write nothing', async () => {
  const codes = [
    (await importing('kong', theirs('a.yaml', 'a: 1'), '--out', out)).code,
    (await importing('litellm', join(directory, 'missing.yaml'), '--out', out)).code,
    (await importing('litellm', theirs('list.yaml', '- a'), '--out', out)).code,
    (await importing('litellm', theirs('b.yaml', 'a: 1'), '--out', '-', '--json')).code,
  ];
  expect(codes).toEqual([2, 7, 3, 2]);
  expect(existsSync(out)).toBe(false);
});

test('calls go on under the names they had, through the file that was made', async () => {
  await using upstream = await RawUpstream.start((socket) => {
    socket.write(answerBytes(200, 'application/json', OK_BODY));
  });
  const source = `
model_list:
  - model_name: writer
    litellm_params: { model: openai/model-a, api_base: "http://127.0.0.1:${upstream.port}/v1", api_key: sk-canary-0123456789 }
  - model_name: spare
    litellm_params: { model: openai/model-b, api_base: "http://127.0.0.1:${upstream.port}/v1", api_key: os.environ/SPARE_KEY }
router_settings: { fallbacks: [{ writer: [spare] }], model_group_alias: { gpt-4: writer } }
`;
  const ran = await importing('litellm', theirs('config.yaml', source), '--out', out, '--json');
  expect(ran.code).toBe(0);
  const { variables } = JSON.parse(ran.stdout) as { variables: { name: string; origin: string }[] };
  expect(variables.map(({ origin }) => origin)).toEqual(['new', 'source']);
  const env = Object.fromEntries(variables.map(({ name }) => [name, `key-of-${name}`]));
  await using gateway = await ServedGateway.start({ config: readFileSync(out, 'utf8'), env });
  for (const model of ['writer', 'gpt-4', 'spare']) {
    const response = await gateway.post('/v1/chat/completions', {
      model,
      messages: [{ role: 'user', content: 'hello' }],
    });
    expect([model, response.status]).toEqual([model, 200]);
    await response.text();
  }
  const sent = upstream.seen.map(({ head, body }) => [
    (JSON.parse(body) as { model: string }).model,
    /^authorization: Bearer (.*)$/im.exec(head)?.[1],
  ]);
  const [own] = variables.filter(({ origin }) => origin === 'new').map(({ name }) => `key-of-${name}`);
  expect(sent).toEqual([
    ['model-a', own],
    ['model-a', own],
    ['model-b', 'key-of-SPARE_KEY'],
  ]);
});
