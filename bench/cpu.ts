import { fork } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLeeward } from './parts/leeward.ts';
import { startNginx } from './parts/nginx.ts';
import { cpuMicros, listening, output, Processes } from './parts/processes.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    streams: { type: 'string', default: '300' },
    json: { type: 'boolean', default: false },
  },
});

interface Subject {
  readonly name: string;
  readonly callPort: number;
  readonly streamPort: number;
  readonly pid: number;
  /** Where frames are served by another process. */
  readonly streamPid?: number;
  readonly callModel: string;
  readonly streamModel: string;
  readonly bearer: string;
}

interface Figures {
  /** CPU microseconds. */
  readonly perCall: number;
  readonly perFrame: number;
  readonly callsPerSecond: number;
}

const missing = ['/usr/sbin/nginx', '/usr/bin/wrk'].filter((path) => !existsSync(path));
if (missing.length > 0) {
  console.error(`not run: ${missing.join(' and ')} missing (Debian: apt-get install nginx-light wrk)`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'leeward-cpu-'));
const rounds: Record<string, Figures>[] = [];
try {
  await using processes = new Processes();
  const subjects = await startSubjects(processes, folder);
  for (let round = 0; round < Number(flags.rounds); round++) {
    const order = subjects
      .map((_, index) => subjects[(index + round) % subjects.length])
      .filter((one) => one !== undefined);
    const figures: Record<string, Figures> = {};
    for (const subject of order) figures[subject.name] = await measure(subject);
    rounds.push(figures);
    console.error(`round ${round + 1}: ${JSON.stringify(figures)}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report();

async function startSubjects(processes: Processes, into: string): Promise<Subject[]> {
  const here = import.meta.dirname;
  const upstream = await startNginx(processes, join(into, 'upstream'), 9201, { kind: 'answer' });
  processes.start(process.execPath, [join(here, 'parts/sse-upstream.ts'), '9202', '50', '100']);
  await listening(9202);
  const nginxCalls = await startNginx(processes, join(into, 'nginx-calls'), 9203, { kind: 'proxy', to: 9201 });
  const nginxStreams = await startNginx(processes, join(into, 'nginx-streams'), 9204, { kind: 'proxy', to: 9202 });
  const bareCalls = processes.start(process.execPath, [
    join(here, 'parts/bare-proxy.ts'),
    '9205',
    'http://127.0.0.1:9201',
  ]);
  const bareStreams = processes.start(process.execPath, [
    join(here, 'parts/bare-proxy.ts'),
    '9206',
    'http://127.0.0.1:9202',
  ]);
  await Promise.all([listening(9205), listening(9206)]);
  mkdirSync(join(into, 'leeward'));
  const leeward = await startLeeward(processes, join(into, 'leeward'), 9207, { calls: 9201, streams: 9202 });
  if (upstream.pid === undefined) throw new Error('the upstream did not start');
  const plain = { callModel: 'gpt-4o-mini', streamModel: 'gpt-4o-mini', bearer: 'sk-client' };
  const pid = (child: { readonly pid?: number | undefined }) => {
    if (child.pid === undefined) throw new Error('a subject did not start');
    return child.pid;
  };
  return [
    {
      name: 'leeward',
      callPort: 9207,
      streamPort: 9207,
      pid: leeward.pid,
      callModel: 'calls/gpt-4o-mini',
      streamModel: 'streams/gpt-4o-mini',
      bearer: leeward.key,
    },
    { name: 'bare node', callPort: 9205, streamPort: 9206, pid: pid(bareCalls), streamPid: pid(bareStreams), ...plain },
    { name: 'nginx', callPort: 9203, streamPort: 9204, pid: pid(nginxCalls), streamPid: pid(nginxStreams), ...plain },
  ];
}

async function measure(subject: Subject): Promise<Figures> {
  const calls = await measureCalls(subject);
  return { ...calls, perFrame: await measureFrames(subject) };
}

/** wrk at saturation: 64 connections, one thread. */
async function measureCalls({ callPort, pid, callModel, bearer, name }: Subject) {
  const script = join(folder, 'post.lua');
  const body = JSON.stringify({
    model: callModel,
    temperature: 0.7,
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: 'Say hello for a benchmark and explain in one sentence what a gateway does.' },
    ],
  });
  writeFileSync(
    script,
    `wrk.method="POST"\nwrk.headers["content-type"]="application/json"\nwrk.headers["authorization"]="Bearer ${bearer}"\nwrk.body=[[${body}]]\n`,
  );
  const run = (seconds: string) =>
    output('wrk', ['-t1', '-c64', `-d${seconds}s`, '-s', script, `http://127.0.0.1:${callPort}/v1/chat/completions`]);
  await run('1');
  const before = cpuMicros(pid);
  const text = await run(flags.seconds);
  const micros = cpuMicros(pid) - before;
  const count = Number(/(\d+) requests in/.exec(text)?.[1]);
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`${name} gave errors:\n${text}`);
  return { perCall: micros / count, callsPerSecond: Math.round(count / Number(flags.seconds)) };
}

/** Streams at 20 frames a second each. */
function measureFrames({ streamPort, pid, streamPid, streamModel, bearer, name }: Subject): Promise<number> {
  const measured = streamPid ?? pid;
  const ms = String(Number(flags.seconds) * 1_000);
  const load = fork(join(import.meta.dirname, 'parts/sse-load.ts'), [
    String(streamPort),
    flags.streams,
    ms,
    bearer,
    streamModel,
  ]);
  let before = 0;
  return new Promise((resolve, reject) => {
    load.on('message', (message: 'begin' | { frames: number; refused: number }) => {
      if (message === 'begin') {
        before = cpuMicros(measured);
        return;
      }
      const micros = cpuMicros(measured) - before;
      const expected = Number(flags.streams) * 20 * Number(flags.seconds);
      if (message.refused > 0) reject(new Error(`${name} refused ${message.refused} streams`));
      else if (message.frames < expected * 0.8)
        reject(new Error(`${name} delivered ${message.frames} of ~${expected} frames`));
      else resolve(micros / message.frames);
    });
    load.on('error', reject);
  });
}

function report(): void {
  const ratio = (key: 'perCall' | 'perFrame', floor: string) => {
    const ratios = rounds
      .map((round) => (round['leeward']?.[key] ?? 0) / (round[floor]?.[key] ?? 1))
      .sort((a, b) => a - b);
    const median = ratios[Math.floor(ratios.length / 2)] ?? 0;
    return { median: rounded(median), min: rounded(ratios[0] ?? 0), max: rounded(ratios.at(-1) ?? 0) };
  };
  const summary = {
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, kernel: release(), node: process.version, load: loadavg() },
    rounds,
    ratios: {
      callToBareNode: ratio('perCall', 'bare node'),
      callToNginx: ratio('perCall', 'nginx'),
      frameToBareNode: ratio('perFrame', 'bare node'),
      frameToNginx: ratio('perFrame', 'nginx'),
    },
  };
  if (flags.json) console.log(JSON.stringify(summary, undefined, 2));
  else {
    for (const [what, { median, min, max }] of Object.entries(summary.ratios)) {
      console.log(`${what.padEnd(16)} ${median} (${min} … ${max})`);
    }
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
