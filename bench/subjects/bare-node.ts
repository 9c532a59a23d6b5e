import { join } from 'node:path';
import { freePort, type Processes } from '../harness/processes.ts';
import { nothingLeftBehind, type Subject } from './subject.ts';

/** The floor in Node: `bare-proxy.ts` in a process of its own. */
export async function startBareNode(
  processes: Processes,
  upstreams: { readonly calls: number; readonly streams: number },
  nodeFlags: readonly string[],
): Promise<Subject> {
  const [calls, streams] = [await freePort(), await freePort()];
  const origin = (port: number) => `http://127.0.0.1:${port}`;
  const started = processes.start('bare-node', [
    process.execPath,
    ...process.execArgv,
    ...nodeFlags,
    join(import.meta.dirname, 'bare-proxy.ts'),
    String(calls),
    origin(upstreams.calls),
    String(streams),
    origin(upstreams.streams),
  ]);
  await processes.listening(started, calls);
  await processes.listening(started, streams);
  const address = (port: number) => ({ port, model: 'gpt-4o-mini', headers: { authorization: 'Bearer sk-client' } });
  return {
    ...nothingLeftBehind,
    name: 'bare node',
    pid: started.pid,
    calls: address(calls),
    streams: address(streams),
    about: {
      version: `Node ${process.version} with undici`,
      command: ['node', ...nodeFlags, 'bench/subjects/bare-proxy.ts'].join(' '),
      features: 'parses the body as JSON, replaces the headers; no key, no limit, no record',
    },
  };
}
