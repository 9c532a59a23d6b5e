import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Processes } from './harness/processes.ts';
import type { Bench } from './measurement.ts';
import type { Plan } from './plan.ts';
import { startBareNode } from './subjects/bare-node.ts';
import { type RunningLeeward, startLeeward } from './subjects/leeward.ts';
import { NGINX, startAnswerMock, startNginxProxy } from './subjects/nginx.ts';
import { startPortkey } from './subjects/portkey.ts';
import { nothingLeftBehind, type Subject, type SubjectName } from './subjects/subject.ts';
import { startStreamMock } from './upstreams/stream-mock.ts';

/** All that takes part in a run, up and listening. */
export interface Field extends AsyncDisposable {
  readonly bench: Bench;
  readonly leeward: RunningLeeward;
  /** Those that are compared, Leeward first. */
  readonly subjects: readonly Subject[];
  /** The mock itself: what a latency is without anything in between. */
  readonly direct: Subject;
}

export interface FieldOptions {
  readonly plan: Plan;
  /** Who takes part besides Leeward. */
  readonly peers: readonly SubjectName[];
  /** Where Portkey is installed; without it, it does not take part. */
  readonly portkeyFolder: string | undefined;
}

/** @throws when nginx is not there: it is the mock and the floor */
export async function startField({ plan, peers, portkeyFolder }: FieldOptions): Promise<Field> {
  if (!existsSync(NGINX)) throw new Error(`${NGINX} is missing (Debian: apt-get install nginx-light)`);
  const folder = mkdtempSync(join(tmpdir(), 'leeward-bench-'));
  const processes = new Processes(folder);
  const dispose = async () => {
    await processes[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [answerMock, streamMock] = await Promise.all([
      startAnswerMock(processes, folder),
      startStreamMock(processes),
    ]);
    const upstreams = { calls: answerMock.port, streams: streamMock.port };
    const leeward = await startLeeward(processes, folder, upstreams);
    const { nodeFlags } = leeward;
    const started = await Promise.all([
      peers.includes('nginx') ? startNginxProxy(processes, folder, upstreams) : [],
      peers.includes('bare node') ? startBareNode(processes, upstreams, nodeFlags) : [],
      peers.includes('portkey') && portkeyFolder !== undefined
        ? startPortkey(processes, portkeyFolder, upstreams, nodeFlags)
        : [],
    ]);
    const subjects = [leeward.subject, ...started.flat()];
    const bench = { plan, folder, answerMock, streamMock };
    return { bench, leeward, subjects, direct: directTo(upstreams), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function directTo(upstreams: { readonly calls: number; readonly streams: number }): Subject {
  const address = (port: number) => ({ port, model: 'gpt-4o-mini', headers: { authorization: 'Bearer sk-client' } });
  return {
    ...nothingLeftBehind,
    name: 'direct',
    calls: address(upstreams.calls),
    streams: address(upstreams.streams),
    about: { version: '', command: '', features: 'the mock itself' },
  };
}
