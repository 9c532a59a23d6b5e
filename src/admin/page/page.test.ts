import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { PAGE_SCRIPT_URL, PAGE_STYLE_URL, pageAsset } from './assets.ts';
import { renderCallRow } from './call-row.ts';
import { renderClaimNeeded, renderPage } from './page.ts';
import { endedCall, endRecord, STARTED_AT, startRecord, testPage } from './page-test-data.ts';
import { PAGE_SCRIPT } from './script.ts';
import { PAGE_STYLE } from './style.ts';

const NOW = STARTED_AT + 65_000;
const HOSTILE = `<script>alert(1)</script>"'\`><img src=x onerror=alert(1)>\u202egnp\u001b[2J`;

/** What a reader sees, without markup. */
function textOf(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function summaryOf(call: ReturnType<typeof endedCall>): string {
  const row = renderCallRow(call, NOW, testPage()).toString();
  return row.slice(0, row.indexOf('</summary>'));
}

test('an empty page says so, with the command that fills it', () => {
  const { status, body } = renderPage(testPage(), NOW);
  expect(status).toBe(200);
  expect(body).toContain('<ol id="calls"></ol>');
  expect(body).toContain(
    'curl http://127.0.0.1:5339/v1/chat/completions -d &#39;{&quot;model&quot;:&quot;demo&quot;}&#39;',
  );
  expect(textOf(body)).toContain('0.1.0 dev mode store: embedded, ok configuration c-1 up 1 m 05 s');
  expect(textOf(body)).toContain('openai ok OPENAI_API_KEY 84 models');
});

test('a file that cannot be used is shown with what is wrong and what stays in force', () => {
  const page = testPage();
  const server = { ...page.server, configProblem: () => `leeward.yaml:4:18  error  ${HOSTILE}\n   4 | more\n` };
  const { body } = renderPage({ ...page, server }, NOW);
  expect(textOf(body)).toContain('The file in place cannot be used, c-1 stays in force: leeward.yaml:4:18 error');
  expect(body).toContain('role="alert"');
  expect(body).not.toContain('<script>alert');
  expect(textOf(renderPage(page, NOW).body)).not.toContain('in force');
});

test('nothing that others wrote becomes markup, wherever it stands', () => {
  const page = testPage();
  page.storeText = HOSTILE;
  page.providerStates = [
    {
      name: HOSTILE,
      preset: HOSTILE,
      baseUrl: HOSTILE,
      source: HOSTILE,
      state: 'refused',
      detail: HOSTILE,
      lastError: HOSTILE,
    },
  ];
  const names = { modelAsked: HOSTILE, route: HOSTILE, routeReason: HOSTILE, model: HOSTILE, provider: HOSTILE };
  const who = { credential: HOSTILE, endUser: HOSTILE, task: HOSTILE, tags: [HOSTILE], clientRequestId: HOSTILE };
  page.recent.record(startRecord('call_1', { ...names, ...who }));
  const trouble = { errorCode: HOSTILE, errorMessage: HOSTILE, finishReason: HOSTILE, upstreamRequestId: HOSTILE };
  page.recent.record(endRecord('call_1', { outcome: 'failed', ...trouble }));
  const { body } = renderPage(page, NOW);
  expect(body.match(/<script/g)).toHaveLength(1);
  expect(body).not.toMatch(/<img|onerror=alert\(1\)>/);
  expect(body).not.toContain('\u202e');
  expect(body).not.toContain('\u001b');
  expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&#96;&gt;');
  expect(body).toContain('\\u{202e}gnp\\u{001b}[2J');
});

test('the page asks for nothing that its own policy forbids', () => {
  const page = testPage();
  page.recent.record(startRecord('call_1'));
  const { body, headers } = renderPage(page, NOW);
  expect(body).not.toMatch(/\sstyle=|\son\w+=|<style|javascript:/i);
  expect([...body.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]?.slice(0, 12))).toEqual([
    'data:image/s',
    PAGE_STYLE_URL.slice(0, 12),
    PAGE_SCRIPT_URL.slice(0, 12),
    '#call_1',
  ]);
  expect(headers[headers.indexOf('content-security-policy') + 1]).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(headers[headers.indexOf('cache-control') + 1]).toBe('no-store');
  expect(headers[headers.indexOf('referrer-policy') + 1]).toBe('no-referrer');
  expect(headers[headers.indexOf('x-content-type-options') + 1]).toBe('nosniff');
});

test('a visitor without a session learns how to get a link and nothing about the server', () => {
  const { status, body } = renderClaimNeeded();
  expect(status).toBe(401);
  expect(textOf(body)).toContain('leeward page-link');
  expect(body).not.toContain('<script');
  expect(body).not.toContain('0.1.0');
});

test('a row tells where the call went: asked, failed ones struck through, answered', () => {
  const failed = { outcome: 'failed', provider: 'a', model: 'one' } as const;
  const summary = summaryOf(endedCall({}, [failed, failed, { provider: 'b', model: 'two', routeReason: 'fallback' }]));
  expect(textOf(summary)).toContain('demo → failed: a/one ×2 b/two fallback 200 ok attempts 3');
  expect(summary.match(/<s>/g)).toHaveLength(1);
  expect(textOf(summaryOf(endedCall({ clientStatus: 502, errorCode: 'upstream_error' }, [failed])))).toContain(
    'demo → failed: a/one no answer first of route demo 502 upstream_error',
  );
  expect(textOf(summaryOf(endedCall({ modelAsked: 'sim/sim-small' })))).toContain(
    '12:00:00 sim/sim-small first of route',
  );
});

test.each([
  ['a priced call', { costNanoUsd: 42_000n, usage: {} }, 'cost $0.000042'],
  ['a free one', { costNanoUsd: 0n, usage: {} }, 'cost $0 '],
  ['an unpriced one', { usage: { inputTokens: 1 } }, 'cost unpriced'],
  ['one that broke off', { outcome: 'truncated' }, 'cost unknown'],
  [
    'cached input',
    { usage: { inputTokens: 1_204, cachedInputTokens: 1_024, outputTokens: 5 } },
    'in 1,204 1,024 cached out 5 ',
  ],
  ['unknown usage', {}, 'in – out –'],
  ['a client that left', { outcome: 'cancelled', errorCode: 'client_closed' }, '200 client left'],
  ['a process that died', { outcome: 'interrupted' }, 'interrupted'],
] as const)('the row of %s reads "%s"', (_, attempt, text) => {
  expect(`${textOf(summaryOf(endedCall({}, [attempt])))} `).toContain(text);
});

test('a running call shows how long it has run, and no cost', () => {
  const page = testPage();
  page.recent.record(startRecord('call_1'));
  const { body } = renderPage(page, NOW);
  expect(textOf(body)).toMatch(/running attempts 1 in – out – cost – first token – total 1 m 05 s/);
  expect(body).toContain(`data-since="${STARTED_AT}"`);
});

test('an opened row gives each attempt and the command for the same as JSON', () => {
  const page = { ...testPage(), keyShell: '$(cat .leeward/dev.key)' };
  const usage = { inputTokens: 1_204, cachedInputTokens: 1_024, outputTokens: 48, reasoningTokens: 12 };
  const row = renderCallRow(
    endedCall({ totalMs: 400 }, [
      { outcome: 'failed', status: 429, errorCode: 'rate_limited', errorMessage: 'slow down', credential: 'team-a' },
      { startedAt: STARTED_AT + 150, firstTokenMs: 50, totalMs: 250, usage, usageSource: 'estimated', costNanoUsd: 5n },
    ]),
    NOW,
    page,
  ).toString();
  const detail = textOf(row.slice(row.indexOf('</summary>')));
  expect(detail).toContain('1 sim/sim-small 429 rate_limited slow down why first of route demo credential team-a');
  expect(detail).toContain('started after 150 ms first token 50 ms total 250 ms');
  expect(detail).toContain(
    'tokens 1,204 in (1,024 cached), 48 out (12 reasoning) counted by our estimate cost $0.000000005',
  );
  expect(detail).toContain(
    'curl http://127.0.0.1:5339/v1/calls/call_1 -H &quot;Authorization: Bearer $(cat .leeward/dev.key)&quot;',
  );
  expect(row).toContain(
    '<rect class="wait" x="37.5" width="12.5" height="4"/><rect class="flow" x="50" width="50" height="4"/>',
  );
  expect(textOf(summaryOf(endedCall({}, [{ startedAt: STARTED_AT + 150, firstTokenMs: 50 }])))).toContain(
    'first token 200 ms',
  );
});

test('script and style may be kept for ever under the address that names their content, and only there', () => {
  const url = new URL(PAGE_SCRIPT_URL, 'http://x');
  const kept = pageAsset(url.pathname, url.searchParams.get('v') ?? undefined);
  expect(kept?.body).toBe(PAGE_SCRIPT);
  expect(kept?.headers).toContain('public, max-age=31536000, immutable');
  expect(pageAsset('/page.css', 'old')?.body).toBe(PAGE_STYLE);
  expect(pageAsset('/page.css', 'old')?.headers).toContain('no-cache');
  expect(pageAsset('/other.css', undefined)).toBeUndefined();
});

test('the script is JavaScript, and both assets stay small', () => {
  expect(() => new Script(PAGE_SCRIPT)).not.toThrow();
  expect(PAGE_SCRIPT.length).toBeLessThan(10_000);
  expect(PAGE_STYLE.length).toBeLessThan(12_000);
});
