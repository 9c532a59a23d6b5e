import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { listening, type Processes } from './processes.ts';

const created = z.object({ key: z.string() });

/** The gateway as it ships, `leeward serve`, with everything on: keys, prices, journal, store. */
export async function startLeeward(
  processes: Processes,
  folder: string,
  port: number,
  upstreams: { readonly calls: number; readonly streams: number },
): Promise<{ readonly pid: number; readonly key: string }> {
  const config = join(folder, 'leeward.yaml');
  const provider = (to: number) =>
    `{ preset: openai-compatible, base_url: "http://127.0.0.1:${to}/v1", api_key: sk-upstream-0123456789, prices: { gpt-4o-mini: { input_usd_per_million: "0.15", output_usd_per_million: "0.60" } } }`;
  writeFileSync(
    config,
    `providers:\n  calls: ${provider(upstreams.calls)}\n  streams: ${provider(upstreams.streams)}\n`,
  );
  const data = join(folder, 'data');
  const child = processes.start(process.execPath, [
    join(import.meta.dirname, '../../bin/leeward.mjs'),
    'serve',
    '--port',
    String(port),
    '--data',
    data,
    '--config',
    config,
  ]);
  await listening(port);
  const answer = await fetch(`http://127.0.0.1:${port}/admin/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${readFileSync(join(data, 'admin-token'), 'utf8').trim()}` },
    body: JSON.stringify({ name: 'bench' }),
  });
  const { key } = created.parse(await answer.json());
  if (child.pid === undefined) throw new Error('leeward did not start');
  return { pid: child.pid, key };
}
