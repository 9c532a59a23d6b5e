import type { House, SimFault } from '../harness/house.ts';
import { recordOf, recordText } from '../harness/record.ts';
import { leaks } from '../harness/rules.ts';
import { type SocketAnswer, SocketClient } from '../harness/socket-client.ts';
import { comesTrue } from '../harness/waiting.ts';
import type { SharedRow, Stage, Witness } from '../row.ts';

/** After the client has left, the provider must be let go within this. */
const CANCELLED_MS_MAX = 1_000;
/** By RFC 6455. */
const TOO_BIG = 1009;
const MIB = 1024 * 1024;

const CUT: SimFault = { kind: 'reset', afterEvents: 16 };
const ENDLESS: SimFault = { kind: 'endless', of: 'tokens', intervalMs: 5 };

/** One connection of the Responses API's WebSocket mode, closed by the row or by what it is about. */
function socketRow(
  row: number,
  fault: string,
  run: (client: SocketClient, house: House) => Promise<Witness>,
  growthMiBMax?: number,
): SharedRow {
  return {
    house: 'wire',
    row,
    fault: `WebSocket: ${fault}`,
    streamed: true,
    ...(growthMiBMax === undefined ? {} : { growthMiBMax }),
    run: async ({ house }: Stage) => {
      await house.setFaults();
      const client = await SocketClient.open(house);
      try {
        return await run(client, house);
      } finally {
        await client.close();
      }
    },
  };
}

const lastType = ({ events, end }: SocketAnswer) => (end === 'told' ? events.at(-1)?.type : end);
const seen = (answers: readonly SocketAnswer[]) => answers.map(lastType).join(', then ');

/** A connection that was told of an error must serve the next call, whole. */
async function goesOn(client: SocketClient, model: string): Promise<{ answer: SocketAnswer; problems: string[] }> {
  client.create(model);
  const answer = await client.answer();
  const last = lastType(answer);
  return { answer, problems: last === 'response.completed' ? [] : [`the next call ends with ${last}`] };
}

const cutStream = (model: string) =>
  socketRow(2, `${model}, RST in mid-stream`, async (client, house) => {
    await house.setFaults(CUT);
    client.create(model);
    const broken = await client.answer();
    const problems = leaks(broken.text);
    if (lastType(broken) !== 'response.failed') problems.push(`the answer ends with ${lastType(broken)}`);
    if (!broken.events.some(({ type }) => type === 'error')) problems.push('no error was told');
    if (!broken.events.some(({ type }) => type === 'response.output_text.delta')) problems.push('no content came');
    const record = broken.callId === undefined ? undefined : await recordOf(house, broken.callId);
    if (record?.attempts[0]?.outcome !== 'truncated') problems.push('not recorded as truncated');
    await house.setFaults();
    const next = await goesOn(client, model);
    problems.push(...next.problems);
    return { saw: seen([broken, next.answer]), recorded: recordText(record), problems, attempts: 2 };
  });

const leavingClient = (model: string) =>
  socketRow(34, `${model}, the client dies in mid-stream`, async (client, house) => {
    await house.setFaults(ENDLESS);
    client.create(model);
    const problems: string[] = [];
    if (!(await comesTrue(() => client.waiting >= 5, 3_000))) problems.push('the stream never began');
    const leftMs = performance.now();
    client.terminate();
    const freed = await comesTrue(async () => (await house.simCounts()).active === 0, CANCELLED_MS_MAX);
    if (!freed) problems.push(`the provider was still busy ${CANCELLED_MS_MAX} ms after the client had left`);
    const took = (performance.now() - leftMs).toFixed(0);
    const { callId } = await client.answer();
    const record = callId === undefined ? undefined : await recordOf(house, callId);
    const last = record?.attempts[0];
    if (last?.outcome !== 'cancelled' || last.error !== 'client_closed') problems.push('not recorded as cancelled');
    if (last?.usage == null || last.cost == null) problems.push('what was used is neither known nor estimated');
    return { saw: `left; provider free after ${took} ms`, recorded: recordText(record), problems, attempts: 1 };
  });

const notJson = socketRow(40, 'a message that is no JSON', async (client) => {
  client.send('{"type":"response.create",');
  const refused = await client.answer();
  const problems = leaks(refused.text);
  if (lastType(refused) !== 'error') problems.push(`it is answered with ${lastType(refused)}`);
  const next = await goesOn(client, 'gpt/sim-small');
  problems.push(...next.problems);
  return { saw: seen([refused, next.answer]), recorded: 'one call', problems, attempts: 1 };
});

const twoAtOnce = socketRow(38, 'a second call while one is under way', async (client) => {
  client.create('gpt/sim-large');
  client.create('gpt/sim-small');
  const refused = await client.answer();
  const first = await client.answer();
  const problems = leaks(refused.text + first.text);
  if (lastType(refused) !== 'error') problems.push(`the second is answered with ${lastType(refused)}`);
  if (lastType(first) !== 'response.completed') problems.push(`the first ends with ${lastType(first)}`);
  return { saw: seen([refused, first]), recorded: 'one call', problems, attempts: 1 };
});

const tooBig = socketRow(
  37,
  'a message of 100 MiB',
  async (client) => {
    const piece = Buffer.alloc(MIB, ' ');
    client.send(Buffer.concat(Array.from({ length: 100 }, () => piece)));
    const problems: string[] = [];
    if (!(await client.closed(10_000))) problems.push('the connection stays open');
    if (client.closeCode !== TOO_BIG) problems.push(`it is closed with ${client.closeCode}, not with ${TOO_BIG}`);
    return { saw: `closed with ${client.closeCode}`, recorded: 'no call', problems, attempts: 0 };
  },
  50,
);

/** The WebSocket mode of the Responses API: what HTTP says with a status and an end, a connection that goes on must say too. */
export const socketFaults: readonly SharedRow[] = [
  cutStream('gpt/sim-large'),
  cutStream('claude/sim-large'),
  leavingClient('gpt/sim-small'),
  leavingClient('google/sim-small'),
  notJson,
  twoAtOnce,
  tooBig,
];
