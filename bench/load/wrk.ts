import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Address, ANSWER, shortCall } from './wire.ts';

export const WRK = ['/usr/bin/wrk', '/usr/local/bin/wrk'].find((path) => existsSync(path));

const summary = z.object({
  calls: z.number(),
  wrong: z.number(),
  failed: z.number(),
  durationMicros: z.number(),
});

export type WrkResult = z.output<typeof summary>;

/**
 * Saturates an address with `wrk`, one thread. Each answer's body is compared.
 * When the time is over `wrk` drops the calls under way, at most one per
 * connection.
 */
export async function wrk(
  address: Address,
  { folder, seconds, connections }: { readonly folder: string; readonly seconds: number; readonly connections: number },
): Promise<WrkResult> {
  const script = join(folder, 'wrk.lua');
  writeFileSync(script, luaFor(address));
  const url = `http://127.0.0.1:${address.port}/v1/chat/completions`;
  const text = await output(WRK ?? 'wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url]);
  const line = text.split('\n').find((candidate) => candidate.startsWith('{"calls"'));
  if (line === undefined) throw new Error(`wrk did not tell what it did: ${text}`);
  return summary.parse(JSON.parse(line));
}

function luaFor({ model, headers }: Address): string {
  const lines = Object.entries({ 'content-type': 'application/json', ...headers }).map(
    ([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`,
  );
  return `wrk.method = "POST"
${lines.join('\n')}
wrk.body = [==[${shortCall(model)}]==]
local expected = [==[${ANSWER}]==]
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() wrong = 0 end
function response(status, _, body) if status ~= 200 or body ~= expected then wrong = wrong + 1 end end
function done(summary)
  local wrong = 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("wrong") end
  local e = summary.errors
  io.write(string.format('{"calls":%d,"wrong":%d,"failed":%d,"durationMicros":%d}\\n',
    summary.requests, wrong, e.connect + e.read + e.write + e.timeout, summary.duration))
end
`;
}

/** Runs a program to its end and gives what it printed. */
export function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}`))));
  });
}
