import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newcomerEnv, run } from './machine.ts';
import type { Block } from './terminal.ts';

export interface Curled {
  readonly status: number;
  readonly callId: string;
  /** The completion's text, empty when it is none. */
  readonly content: string;
  readonly output: string;
}

/**
 * Types a printed curl line into bash, exactly as it stands. A shell function
 * of the same name, inherited through the environment, has curl keep the head
 * of the answer in a file as well.
 */
export async function curl(line: string): Promise<Curled> {
  const folder = mkdtempSync(join(tmpdir(), 'leeward-curl-'));
  const head = join(folder, 'head');
  try {
    const env = { ...newcomerEnv(), HEAD_FILE: head, 'BASH_FUNC_curl%%': '() { command curl -D "$HEAD_FILE" "$@"; }' };
    const { stdout, stderr, end } = await run('bash', ['-c', line], { cwd: folder, env, withinMs: 20_000 });
    if (end !== 0) return { status: 0, callId: '', content: '', output: stdout + stderr };
    const headers = readFileSync(head, 'utf8');
    return {
      status: Number(/^HTTP\/\S+ (\d+)/.exec(headers)?.[1]),
      callId: /^x-leeward-request-id: (\S+)/im.exec(headers)?.[1] ?? '',
      content: completionText(stdout),
      output: stdout + stderr,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function completionText(text: string): string {
  if (!text.startsWith('{')) return '';
  const json = JSON.parse(text) as { object?: string; choices?: { message?: { content?: string } }[] };
  return json.object === 'chat.completion' ? (json.choices?.[0]?.message?.content ?? '') : '';
}

/** `GET /v1/calls/{id}` with the key of this start. */
export async function readCall({ api, key }: Block, callId: string): Promise<CallJson | undefined> {
  const response = await fetch(`${api}/calls/${callId}`, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(5_000),
  });
  return response.ok ? ((await response.json()) as CallJson) : undefined;
}

export interface CallJson {
  readonly state: string;
  readonly status: number | null;
  readonly usage: { readonly output_tokens: number | null } | null;
  readonly attempts: readonly { readonly outcome: string | null; readonly usage_source: string | null }[];
}

export function ask({ api, key }: Block, path: string, body: Readonly<Record<string, unknown>>): Promise<Response> {
  return fetch(`${api}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
}

export function chat(model: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { model, messages: [{ role: 'user', content: 'What does a harbour pilot do?' }], ...more };
}

/** A stream that has begun and goes on for seconds. `rest` tells how it ended for its reader. */
export async function slowStream(block: Block): Promise<{ callId: string; rest: Promise<'whole' | 'torn'> }> {
  const response = await ask(block, 'chat/completions', chat('sim/sim-slow', { stream: true }));
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error('a stream without a body');
  await reader.read();
  const rest = (async () => {
    for (let text = ''; ; ) {
      const { done, value } = await reader.read();
      if (done) return text.endsWith('data: [DONE]\n\n') ? ('whole' as const) : ('torn' as const);
      text = (text + Buffer.from(value).toString()).slice(-100);
    }
  })().catch(() => 'torn' as const);
  return { callId: response.headers.get('x-leeward-request-id') ?? '', rest };
}
