import type { House } from '../harness/house.ts';
import { answerBytes, OK_ANSWER } from '../harness/http-bytes.ts';
import type { NameAnswer } from '../harness/name-server.ts';
import { hostOf, type Name } from '../harness/names.ts';
import type { Row, SharedRow, Stage, Witness } from '../row.ts';
import { type CallCase, callRow, makeCall } from './call-row.ts';
import { ANSWERED, FAILED, TIMED_OUT } from './expectations.ts';

const ANSWER = answerBytes(200, 'application/json', OK_ANSWER);
const HERE: NameAnswer = { kind: 'addresses', v4: ['127.0.0.1'] };
/** For documentation (RFC 5737): nobody is there. */
const OUTSIDE = '203.0.113.7';
const METADATA = '169.254.169.254';

function nameRow(name: Name, answer: NameAnswer, facts: Omit<CallCase, 'row' | 'streamed' | 'model' | 'house'>): Row {
  return callRow({
    ...facts,
    row: 28,
    streamed: false,
    house: 'names',
    model: `name-${name}/m`,
    raw: ANSWER,
    before: (house) => house.names?.server.set(hostOf(name), answer),
  });
}

const answers: Row[] = [
  nameRow('local', HERE, { fault: 'DNS: a name that leads here (control)', expect: ANSWERED }),
  nameRow('gone', { kind: 'nxdomain' }, { fault: 'DNS: NXDOMAIN', expect: { ...FAILED, withinMs: 5_000 } }),
  nameRow('servfail', { kind: 'servfail' }, { fault: 'DNS: SERVFAIL', expect: { ...FAILED, withinMs: 5_000 } }),
  nameRow(
    'silent',
    { kind: 'silent' },
    { fault: 'DNS: no answer, connect limit 1 s', expect: { ...TIMED_OUT, withinMs: 5_000 } },
  ),
  nameRow(
    'metadata',
    { kind: 'addresses', v4: [METADATA] },
    {
      fault: 'DNS: the name leads to the address of cloud metadata',
      expect: { ...FAILED, withinMs: 1_000 },
      also: ({ record, seen }) => [
        ...(/an address where it may not be/.test(record?.attempts[0]?.error_message ?? '')
          ? []
          : ['the record does not say why']),
        ...(seen.text.includes(METADATA) ? ['the client was told the address'] : []),
      ],
    },
  ),
  nameRow(
    'black-v6',
    // The discard prefix (RFC 6666) first, as resolvers put IPv6 first; then the address that works.
    { kind: 'addresses', v6: ['100::1'], v4: ['127.0.0.1'] },
    { fault: 'DNS: IPv6 that leads nowhere beside IPv4 that works', expect: { ...ANSWERED, withinMs: 1_500 } },
  ),
];

/** First outside, then where we stand: the request must not be sent there. */
const flip: SharedRow = {
  house: 'names',
  row: 28,
  fault: 'DNS: a name flips from the internet to a private address (rebinding)',
  streamed: false,
  async run({ house }: Stage): Promise<Witness> {
    house.raw.answer = (socket) => void socket.end(ANSWER);
    const set = (v4: string) => house.names?.server.set(hostOf('flip'), { kind: 'addresses', v4: [v4] });
    const call = () => makeCall(house, { model: 'name-flip/m', streamed: false });
    set(OUTSIDE);
    const before = await call();
    set('127.0.0.1');
    const after = await call();
    const problems: string[] = [];
    if (before.seen.status < 500) problems.push(`outside, where nobody is, a call got ${before.seen.status}`);
    if (after.seen.status !== 502) problems.push(`after the flip a call got ${after.seen.status}`);
    if (house.raw.seen.length > 0) problems.push('the request went to the private address, credential and all');
    const said = after.record?.attempts[0]?.error_message ?? '';
    if (!/rebinding/.test(said)) problems.push(`the record says: ${said}`);
    return {
      saw: `${before.seen.status}, then ${after.seen.status}`,
      recorded: said,
      problems,
      attempts: 2,
    };
  },
};

const WAITING = 24;

/** Look-ups run on a handful of threads: those that wait for a silent server must not take them all. */
const silentBesides: SharedRow = {
  house: 'names',
  row: 28,
  fault: `DNS: ${WAITING} calls wait for a name server that keeps silent; another name beside them`,
  streamed: false,
  async run({ house }: Stage): Promise<Witness> {
    house.raw.answer = (socket) => void socket.end(ANSWER);
    house.names?.server.set(hostOf('mute'), { kind: 'silent' });
    house.names?.server.set(hostOf('local'), HERE);
    const waiting = Array.from({ length: WAITING }, () => makeCall(house, { model: 'name-mute/m', streamed: false }));
    const beside = await fastest(house);
    const statuses = (await Promise.all(waiting)).map(({ seen }) => seen.status);
    const problems: string[] = [];
    if (beside > 700) problems.push(`a call to another name took ${beside.toFixed(0)} ms`);
    if (statuses.some((status) => status !== 504))
      problems.push(`those that waited got ${[...new Set(statuses)].join(', ')}`);
    return {
      saw: `another name served in ${beside.toFixed(0)} ms`,
      recorded: `${WAITING} timed out`,
      problems,
      attempts: WAITING + 3,
    };
  },
};

/** A busy machine may delay one call; a pool without a thread delays them all. */
async function fastest(house: House): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let made = 0; made < 3; made++) {
    const { answer, seen } = await makeCall(house, { model: 'name-local/m', streamed: false });
    if (seen.status === 200) bestMs = Math.min(bestMs, answer.tookMs);
  }
  return bestMs;
}

/** What can come of a provider's name, as the C library asks for it. */
export const nameFaults: readonly Row[] = [...answers, flip, silentBesides];
