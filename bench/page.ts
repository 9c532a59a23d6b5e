import { gateLine } from './gates.ts';
import type { RunResult } from './run.ts';
import { cappedTable, figureTable, holdTable, ratioTable, type Table, translatedTable } from './tables.ts';
import { dearestLanes } from './translated/translated-ratios.ts';

/** A run as the page in `docs/`. @param args with which it was started */
export function page(result: RunResult, args: readonly string[]): string {
  const { rounds, holds, capped, translated, gates, red, voids, notices } = result;
  return `# Benchmarks

${INTRODUCTION}

Made with \`npm run bench -- ${args.join(' ')}\`; this file is written by it.

## Ratios

Leeward's figure by another's in the same round: the median over the rounds, and the least and the most.

${markdown(ratioTable(rounds))}

${gates.map((gate) => `- ${gateLine(gate)}`).join('\n')}

## Absolute figures

Medians over the rounds. They belong to this machine and to what its neighbours did that hour: quote the ratios, and those only where
strangers used little of the machine: a subject with several threads suffers more from them than one with a single.

${markdown(figureTable(rounds))}

"Added" is what a subject adds to the same quantile of the mock alone in the same round.
${
  holds.length === 0
    ? ''
    : `
## The ledger

${HOLDS}

${markdown(holdTable(holds))}
`
}${
  capped.length === 0
    ? ''
    : `
## What caps cost a call

${CAPPED}

${markdown(cappedTable(capped))}
`
}${
  translated === undefined
    ? ''
    : `
## What a translation costs

${TRANSLATED}

${dearestLanes(translated)
  .map((text) => `- ${text}`)
  .join('\n')}

${markdown(translatedTable(translated))}
`
}
## Who took part

${subjects(result)}
${notices.map((notice) => `\n${notice}\n`).join('')}
## The machine

${machine(result)}

## What was void

${voids.length === 0 ? 'Nothing: every round counted at the first try.' : voidList(result)}

${red.length === 0 ? 'The run ended green.' : `The run ended red:\n\n${red.map((reason) => `- ${reason}`).join('\n')}`}

${METHOD}`;
}

const INTRODUCTION = `What a call, a streamed frame and an open stream cost in Leeward, with everything on that \`serve\` has on,
beside nginx, a bare Node proxy and the nearest gateway in TypeScript, on one machine in one run.`;

const HOLDS = `Holds on four capped levels (organisation, project, key, sub-key), each taken before its call and settled after
it, with commits that reach the disk: the embedded engine in its thread, and a server Postgres over TCP on the same machine.
Latency counts from the instant at which a hold was due, in the process that runs the gateway; a round in which holds were
asked for late (at the 99th percentile by more than a quarter of what a hold may take there), or in which other programs used
more than a tenth of the machine, is repeated. Afterwards the ledger is added
up anew: every balance is what its transfers say, no hold is open, and the organisation was charged what the answers said.`;

const CAPPED = `One gateway on each engine, and two keys: one without any budget, and one under a hard cap on each of four levels (a key,
its sub-key, and so on), called in turns with short calls. A capped call's hold is durable before a byte goes upstream,
and its answer ends when it is settled, so that its latency has two commits to disk in it. CPU is the gateway's own: what
the server Postgres uses is not in it. Latency is added to that of the mock alone in the same round. Afterwards every
level has to have settled what the answers cost, to the nano-dollar, and to hold nothing.`;

const TRANSLATED = `One gateway before mocks that speak Chat Completions, Anthropic's Messages, OpenAI's Responses and Gemini, and clients of all four. Where
client and provider speak the same, bytes pass; where they do not, calls, answers and every event of a stream are said
anew. All lanes run in the same process, in turns, after calls of all of them at once; a translated lane stands beside the
native one of the same client within each round, for latency with what it adds; where one of a client's lanes was
disturbed, they are measured again. The first answer and the first
stream of a lane are judged by what they say (text, frames, usage, one end); from then on every answer and frame is
compared with that reading byte for byte, but for ids and instants of creation, of which a stream has one. Afterwards
every call has to have a row that says in which dialect it came, whom it went to, and what it used by the provider's count.`;

const METHOD = `## How it is measured

- **Calls**: 64 connections without a pause; the CPU time of the subject, all its threads, by the number of
  calls. Leeward's includes the time until its journal is in the store. Three other programs (the load, the mock, the
  subject's own threads) share the machine, so calls per second are a property of the machine, CPU per call one
  of the subject.
- **Latency**: an open loop at one rate for everybody, counted from the instant at which each call was due.
- **Frames**: 500 streams of 20 frames a second. CPU per frame is of the time in which no stream begins or ends;
  the second figure has all of it, the records of the streams included. Each frame carries the instant it left.
- **Memory**: resident memory with 5,000 streams open of one frame a second, less that before them, in programs that
  have done nothing before. Once per run.
- **Prompts**: long bodies, which the mock compares byte for byte. Four connections.
- All subjects on Node run on the same Node with the flags that Leeward gives itself, so that ratios are about code.
- Before each measurement a full run waits for a quiet moment, in which other programs use less than a twentieth of the
  machine, for fifteen seconds at most and ten minutes in all. It chooses when to measure by that, and never what counts.
- A round is void when an answer is an error or differs in a byte, a frame is missing, the upstream served another
  number of calls than were answered, CPU time by thread and by process disagree, records are unsettled when the
  CPU time is read, the mock's own cost is more than 15 % off its median, the hypervisor takes more than 2 %, or
  calls are sent more than 500 µs late. It is repeated, never averaged in. What only befell
  Portkey takes it alone out of the round.
- After the last round Leeward is stopped, its store is opened, and the rows of each round are counted.
- \`npm run bench -- --sabotage\` breaks the gateway and the bench, one way at a time, and each break must be noticed.
- Repeat it: \`npm ci\`, Debian's \`nginx-light\` and \`wrk\`, then the command above. Portkey is installed from npm into
  \`~/.cache/leeward-bench\`; without a network the run goes on without it.
`;

function subjects({ subjects: all }: RunResult): string {
  return all
    .map(
      ({ name, version, command, features }) => `- **${name}**, ${version}: \`${command}\`. What is on: ${features}.`,
    )
    .join('\n');
}

function machine({ machine: facts, plan }: RunResult): string {
  const lines: Readonly<Record<string, string>> = {
    measured: facts.measuredAt,
    machine: `${facts.cores} × ${facts.cpu}, ${facts.memoryGiB} GiB, Linux ${facts.kernel}`,
    'load before': facts.load.join(', '),
    versions: `Leeward ${facts.leeward}; Node ${facts.node}; undici ${facts.undici}; ${facts.nginx}`,
    rounds: Object.entries(plan.rounds)
      .map(([phase, rounds]) => `${phase} ${rounds}`)
      .join(', '),
  };
  return Object.entries(lines)
    .map(([name, text]) => `- ${name}: ${text}`)
    .join('\n');
}

function voidList({ voids }: RunResult): string {
  const texts = voids.map(({ phase, subject, problem }) => `- ${phase}, ${subject}: ${problem.text}`);
  return [...new Set(texts)].slice(0, 20).join('\n');
}

function markdown(table: Table): string {
  const [head = [], ...rows] = table;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = line(head.map((_, column) => (column === 0 ? '---' : '--:')));
  return [line(head), rule, ...rows.map(line)].join('\n');
}
