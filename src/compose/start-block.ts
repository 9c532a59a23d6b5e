import { relative } from 'node:path';
import type { ProviderState } from '../admin/page/page-data.ts';
import { formatDuration, formatUsd } from '../observability/format.ts';

export interface StartFacts {
  readonly version: string;
  readonly dataDir: string;
  /** The server Postgres with the store, when it is not embedded. */
  readonly server?: string;
  readonly providers: readonly ProviderState[];
  readonly notices: readonly string[];
  readonly baseUrl: string;
  /** Where the page is; the same unless administration has a listener of its own. */
  readonly adminUrl: string;
  readonly key: string;
  readonly keyFile: string;
  readonly claim: string;
  readonly selfTest: SelfTest;
}

export interface SelfTest {
  readonly status: number;
  readonly totalMs: number;
  readonly costNanoUsd: bigint | undefined;
  readonly model: string;
}

/** What a newcomer needs to make a first call, in one block that can be copied line by line. */
export function startBlock(facts: StartFacts): string[] {
  const { baseUrl, key } = facts;
  const { status, totalMs, costNanoUsd, model } = facts.selfTest;
  const cost = costNanoUsd === undefined ? 'unpriced' : formatUsd(costNanoUsd);
  return [
    '',
    ...headLines(facts),
    '',
    ...providerLines(facts),
    `  Self-test   POST /v1/chat/completions  ${model}  ${status}  ${formatDuration(totalMs)}  ${cost}`,
    '',
    `  API         ${baseUrl}/v1`,
    `  Key         ${key}   (kept in ${shownPath(facts.keyFile)})`,
    `  Page        ${facts.adminUrl}/?claim=${facts.claim}   (one-time link, 10 minutes)`,
    '',
    `  Try it      ${curlLine(baseUrl, key, model)}`,
    ...paidLines(facts),
    '',
    '  In an app   any OpenAI SDK, unchanged, with these two variables:',
    `              export OPENAI_BASE_URL=${baseUrl}/v1`,
    `              export OPENAI_API_KEY=${key}`,
    "              or Anthropic's, with these:",
    `              export ANTHROPIC_BASE_URL=${baseUrl}`,
    `              export ANTHROPIC_API_KEY=${key}`,
    "              or Google's, with these:",
    `              export GOOGLE_GEMINI_BASE_URL=${baseUrl}`,
    `              export GEMINI_API_KEY=${key}`,
    '',
    '  Next        npm run leeward -- keys create --name my-app     another key, shown once',
    '              npm run leeward -- init                          write a leeward.yaml from what was found',
    '              npm run leeward -- demo                          see a provider fail, and calls go on',
    '              npm run leeward -- doctor                        check keys, disk, store and clock',
    '              npm run leeward -- --help                        everything else',
    '',
    '  Calls appear below, one line each. Ctrl-C stops.',
    '',
  ];
}

function headLines({ version, dataDir, server }: StartFacts): string[] {
  const head = `  leeward ${version}   dev mode, data in ${shownPath(dataDir)}`;
  if (server === undefined) return [`${head} (delete it to start over)`];
  return [
    head,
    '',
    `  Store       Postgres at ${server}, schema leeward   (DATABASE_URL or store.database_url names it)`,
  ];
}

function curlLine(baseUrl: string, key: string, model: string): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Say hello' }] });
  return `curl -sS ${baseUrl}/v1/chat/completions -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${body}'`;
}

function providerLines({ providers, notices }: StartFacts): string[] {
  const lines = providers.map((provider, index) => {
    const head = index === 0 ? '  Providers   ' : '              ';
    const models = provider.models === undefined ? '' : `, ${provider.models} models`;
    const detail = provider.detail === undefined ? '' : `: ${provider.detail}`;
    return `${head}${provider.name} (${provider.source}${models})  ${provider.state}${detail}`;
  });
  return [...lines, ...notices.map((notice) => `              note: ${notice}`)];
}

/** A line for a real provider whose key was found to be good; it costs money, and says so. */
function paidLines({ providers, baseUrl, key }: StartFacts): string[] {
  const paid = providers.find((provider) => provider.name in FIRST_MODELS && provider.state !== 'refused');
  const model = paid && FIRST_MODELS[paid.name];
  if (model === undefined) return [];
  return [
    '',
    `  For money   this one goes to ${paid?.name} and is billed there:`,
    `              ${curlLine(baseUrl, key, model)}`,
  ];
}

/** A small, cheap model of each provider, for the first paid call. Read from their model pages, 2026-11. */
export const FIRST_MODELS: Readonly<Record<string, string>> = {
  openai: 'openai/gpt-5-mini',
  mistral: 'mistral/mistral-small-latest',
  groq: 'groq/llama-3.1-8b-instant',
  deepseek: 'deepseek/deepseek-chat',
  xai: 'xai/grok-4-fast',
  openrouter: 'openrouter/openai/gpt-5-mini',
};

function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' || near.startsWith('..') ? path : `./${near}`;
}
