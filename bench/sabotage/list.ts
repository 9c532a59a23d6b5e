// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code that a hook replaces
import { SABOTAGES, type Sabotage } from '../../test/support/sabotage/list.ts';
import type { PartName } from '../plan.ts';
import type { RunResult } from '../run.ts';
import type { SubjectName } from '../subjects/subject.ts';

/** One deliberate fault, of the gateway or of the bench itself, that a run must notice. */
export interface Broken {
  readonly name: string;
  /** The variable that names it to the hook that replaces the line. */
  readonly variable: 'LEEWARD_SABOTAGE' | 'LEEWARD_BENCH_SABOTAGE';
  readonly phase: PartName;
  readonly peers: readonly SubjectName[];
  readonly rounds: number;
  /** Of void rounds: a gate is judged only when a round counts. */
  readonly repeats: number;
  /** Belongs to the quick form: no figure has to be judged. */
  readonly quick: boolean;
  /** What the run has to say, and must not say without the fault; or the gate it must miss by far. */
  readonly says: RegExp | { readonly gate: string };
}

/** Faults of the bench, by file below `bench/`. */
export const BENCH_SABOTAGES: readonly Omit<Sabotage, 'caughtBy'>[] = [
  {
    name: 'count-one-thread',
    file: 'harness/cpu-clock.ts',
    find: 'const threads = readdirSync(`/proc/${pid}/task`);',
    replace: 'const threads = [pid];',
  },
  {
    name: 'leave-the-replay-out',
    file: 'phases/calls.ts',
    find: 'await pause(CUT_OFF_MS);\n  await subject.settled();\n  const used',
    replace: 'const used',
  },
  {
    name: 'let-the-mock-drift',
    file: 'upstreams/stream-server.ts',
    find: 'served.answers++;',
    replace: 'for (const end = performance.now() + (served.answers++ > 700 ? 1 : 0); performance.now() < end; );',
  },
  {
    name: 'send-late',
    file: 'harness/metronome-thread.ts',
    find: 'Atomics.store(beaten, 0, beat + 1);',
    replace: 'if (beat % 400 === 399 || beat === count - 1) Atomics.store(beaten, 0, beat + 1);',
  },
  {
    name: 'let-the-proxy-cache',
    file: 'subjects/nginx.ts',
    find: 'location / { proxy_pass http://${name};',
    replace:
      "location / { default_type application/json; if ($request_method = POST) { return 200 '${ANSWER}'; } proxy_pass http://${name};",
  },
  {
    name: 'let-the-proxy-fail',
    file: 'subjects/bare-proxy.ts',
    find: '        res.writeHead(status, head);\n        res.end',
    replace: '        res.writeHead(Math.random() < 0.01 ? 500 : status, head);\n        res.end',
  },
  {
    name: 'cap-nobody',
    file: 'capped/capped-gateway.ts',
    find: 'capped: capped.key }',
    replace: 'capped: uncapped.key }',
  },
  {
    name: 'translate-nothing',
    file: 'translated/translated-gateway.ts',
    find: 'const provider = PROVIDERS[dialect];',
    replace: 'const provider = PROVIDERS[client];',
  },
];

const product = (name: string, rest: Pick<Broken, 'phase' | 'peers' | 'quick' | 'says'>): Broken => {
  if (!SABOTAGES.some((known) => known.name === name)) throw new Error(`there is no sabotage called ${name}`);
  return { name, variable: 'LEEWARD_SABOTAGE', rounds: 1, repeats: rest.says instanceof RegExp ? 0 : 3, ...rest };
};

const own = (name: string, rest: Pick<Broken, 'phase' | 'peers' | 'quick' | 'says' | 'rounds'>): Broken => {
  if (!BENCH_SABOTAGES.some((known) => known.name === name)) throw new Error(`there is no sabotage called ${name}`);
  return { name, variable: 'LEEWARD_BENCH_SABOTAGE', repeats: 0, ...rest };
};

export const BROKEN: readonly Broken[] = [
  product('lose-a-row', { phase: 'calls', peers: [], quick: true, says: /calls were made and \d+ have a row/ }),
  product('drop-the-usage', { phase: 'calls', peers: [], quick: false, says: /have a row with their usage/ }),
  product('answer-from-a-cache', { phase: 'calls', peers: [], quick: true, says: /the upstream served \d+/ }),
  product('change-a-byte', { phase: 'calls', peers: [], quick: true, says: /answers were wrong/ }),
  product('drop-a-frame', { phase: 'frames', peers: [], quick: true, says: /lost frames/ }),
  own('count-one-thread', { phase: 'calls', peers: [], rounds: 1, quick: true, says: /some threads are missing/ }),
  own('leave-the-replay-out', { phase: 'calls', peers: [], rounds: 1, quick: true, says: /not in the store when/ }),
  own('send-late', { phase: 'latency', peers: [], rounds: 1, quick: false, says: /sent [1-9]\d{5,} µs late/ }),
  own('let-the-proxy-cache', {
    phase: 'calls',
    peers: ['nginx'],
    rounds: 1,
    quick: false,
    says: /nginx: .*the upstream served/,
  }),
  own('let-the-proxy-fail', {
    phase: 'calls',
    peers: ['bare node'],
    rounds: 1,
    quick: false,
    says: /bare node: .*answers were wrong/,
  }),
  own('let-the-mock-drift', { phase: 'prompts', peers: [], rounds: 3, quick: false, says: /the mock drifted/ }),
  product('sleep-in-the-hot-path', {
    phase: 'calls',
    peers: ['nginx'],
    quick: false,
    says: { gate: 'CPU per call, to nginx' },
  }),
  product('sleep-per-frame', {
    phase: 'frames',
    peers: ['nginx'],
    quick: false,
    says: { gate: 'CPU per frame, to nginx' },
  }),
  own('cap-nobody', { phase: 'capped', peers: [], rounds: 1, quick: true, says: /were spent and 0 settled/ }),
  product('hold-on-one-level', { phase: 'capped', peers: [], quick: false, says: /sub-key: .* and 0 settled/ }),
  product('swallow-usage', {
    phase: 'translated',
    peers: [],
    quick: true,
    says: /chat→messages: the stream has no usage/,
  }),
  product('swallow-a-translated-delta', { phase: 'translated', peers: [], quick: true, says: /lost frames/ }),
  product('meter-nothing-translated', {
    phase: 'translated',
    peers: [],
    quick: false,
    says: /frames: \S+→\S+: .* 0 have a row with their usage/,
  }),
  product('sleep-per-translated-call', {
    phase: 'translated',
    peers: [],
    quick: false,
    says: { gate: 'CPU per call, chat→messages to chat→chat' },
  }),
  product('sleep-per-translated-event', {
    phase: 'translated',
    peers: [],
    quick: false,
    says: { gate: 'CPU per frame, chat→messages to chat→chat' },
  }),
  own('translate-nothing', {
    phase: 'translated',
    peers: [],
    rounds: 1,
    quick: true,
    says: /chat→messages: .* the upstream served 0/,
  }),
  product('keep-memory-per-stream', { phase: 'memory', peers: [], quick: false, says: { gate: 'KB per open stream' } }),
];

/** A gate that is missed by less than this, compared with the control, may be the machine's doing. */
const FAR = 1.5;

/** What the run said of the fault; `undefined` when it did not notice. */
export function noticed({ says }: Broken, broken: RunResult, control: RunResult): string | undefined {
  if (says instanceof RegExp) return saying(says, control) === undefined ? saying(says, broken) : undefined;
  const [value, usual] = [broken, control].map(({ gates }) => gates.find(({ title }) => title === says.gate));
  if (value === undefined || usual === undefined || value.met || value.value < usual.value * FAR) return undefined;
  return `${value.title}: ${value.value.toFixed(1)}, gate ${value.max}, without the fault ${usual.value.toFixed(1)}`;
}

/** Among the reasons for red, and for what is void the reasons behind it. */
function saying(says: RegExp, { red, voids }: RunResult): string | undefined {
  if (red.length === 0) return undefined;
  const reasons = voids.map(({ phase, subject, problem }) => `${phase}: ${subject}: ${problem.text}`);
  return [...red, ...reasons].find((reason) => says.test(reason));
}
