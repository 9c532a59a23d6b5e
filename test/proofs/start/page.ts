import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, chat } from './calls.ts';
import { found, newcomerEnv, ROOT, run } from './machine.ts';
import type { Place } from './scenarios.ts';
import { type Block, Terminal } from './terminal.ts';

const PNG_BYTES_MIN = 20_000;
const PNG_SIGNATURE = '89504e470d0a1a0a';
const OUT = join(ROOT, 'test/proofs/out');

/** One call in each way that it can end, so that the page has something to show. */
const CONFIG = {
  sim: {
    faults: [
      { match: { model: 'sim-reasoner' }, fault: { kind: 'status', code: 503 } },
      { match: { model: 'sim-large', stream: true }, fault: { kind: 'cut', afterEvents: 9 } },
    ],
  },
  routes: { careful: { targets: ['sim/sim-reasoner', 'sim/sim-small'] } },
};

type Wish = readonly [path: string, body: Readonly<Record<string, unknown>>];

/** Twenty: whole, streamed, embedded, fallen back, failed, cut, refused. */
const WISHES: readonly Wish[] = [
  ...Array.from({ length: 6 }, (_, n): Wish => ['chat/completions', chat('sim/sim-small', { max_tokens: 8 + n * 9 })]),
  ...Array.from({ length: 5 }, (): Wish => ['chat/completions', chat('sim/sim-small', { stream: true })]),
  ['chat/completions', chat('sim/sim-large')],
  ['embeddings', { model: 'sim/sim-embed', input: 'fog, later clearing' }],
  ['chat/completions', chat('route/careful')],
  ['chat/completions', chat('route/careful', { stream: true })],
  ['chat/completions', chat('sim/sim-reasoner')],
  ['chat/completions', chat('sim/sim-large', { stream: true })],
  ['chat/completions', chat('sim/sim-large', { stream: true })],
  ['chat/completions', chat('sim/no-such-model')],
  ['chat/completions', chat('nowhere/gpt-9')],
];

/** The page with calls on it, as HTML and as a picture. */
export async function provePage(place: Place): Promise<void> {
  await withCalls(place, async (block, callIds) => {
    const html = await claimedPage(block);
    const missing = callIds.filter((id) => !html.includes(id));
    place.checks.none('the page behind the printed link shows the calls', missing, `${callIds.length} calls`);
  });
  const browser = found('chromium', 'chromium-browser', 'google-chrome');
  if (browser === undefined) {
    place.checks.skip('a picture of the page', 'there is no Chromium on this machine');
    return;
  }
  await withCalls(place, (block) => picture(place, browser, block));
}

/** A gateway of its own with faults to show, twenty calls through, and more of them under way. */
async function withCalls(place: Place, look: (block: Block, callIds: string[]) => Promise<void>): Promise<void> {
  const data = mkdtempSync(join(place.scratch, 'page-'));
  const config = join(data, 'page.yaml');
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(CONFIG));
  const args = ['bin/leeward.mjs', 'dev', '--data', data, '--config', config];
  const terminal = new Terminal('node', args, { cwd: place.checkout, env: place.env });
  try {
    const block = await terminal.block();
    const callIds = await callAll(block);
    const underWay = Promise.allSettled([
      ask(block, 'chat/completions', chat('sim/sim-slow', { stream: true })).then((response) => response.text()),
      ask(block, 'chat/completions', chat('sim/sim-slow')).then((response) => response.text()),
    ]);
    await look(block, callIds);
    terminal.signal('SIGINT');
    await underWay;
    await terminal.gone();
  } finally {
    await terminal.close();
  }
}

/** @returns the ids of the calls that reached a target; what is refused before that is no call of the page */
async function callAll(block: Block): Promise<string[]> {
  const callIds: string[] = [];
  for (const [path, body] of WISHES) {
    const response = await ask(block, path, body);
    await response.text();
    const callId = response.headers.get('x-leeward-request-id');
    if (callId !== null && response.status !== 404 && response.status !== 400) callIds.push(callId);
  }
  return callIds;
}

/** Follows the one-time link as a browser does: a cookie, then the page itself. */
async function claimedPage({ claim }: Block): Promise<string> {
  const signal = AbortSignal.timeout(10_000);
  const claimed = await fetch(claim, { redirect: 'manual', signal });
  const cookie = claimed.headers.get('set-cookie')?.split(';')[0];
  if (claimed.status !== 303 || cookie === undefined) throw new Error(`the link was answered ${claimed.status}`);
  const page = await fetch(new URL(claimed.headers.get('location') ?? '/', claim), { headers: { cookie }, signal });
  return page.text();
}

async function picture({ checks, scratch }: Place, browser: string, { claim }: Block): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  const file = join(OUT, 'page.png');
  rmSync(file, { force: true });
  // No virtual time: it stands still as long as a request is open, and the page's live feed always is.
  const flags =
    '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
    '--disable-component-update --disable-sync --hide-scrollbars --window-size=1280,1000';
  const profile = `--user-data-dir=${mkdtempSync(join(scratch, 'browser-'))}`;
  const args = [...flags.split(' '), profile, `--screenshot=${file}`, claim];
  const { end, stderr } = await run(browser, args, { cwd: scratch, env: newcomerEnv(), withinMs: 60_000 });
  if (end !== 0) {
    checks.that('a picture of the page', false, `the browser ended with ${end}: ${stderr.slice(-300)}`);
    return;
  }
  const png = readFileSync(file);
  const well = png.subarray(0, 8).toString('hex') === PNG_SIGNATURE && png.length > PNG_BYTES_MIN;
  checks.that('a picture of the page', well, `${png.length} bytes, ${file}`);
}
