import { answerBytes, OK_ANSWER } from '../harness/http-bytes.ts';
import type { TlsKind } from '../harness/tls-upstreams.ts';
import { pause } from '../harness/waiting.ts';
import type { Row, SharedRow } from '../row.ts';
import { bothWays, callRow, type Expectation, makeCall } from './call-row.ts';
import { ANSWERED, FAILED, TIMED_OUT } from './expectations.ts';
import { closePooled } from './split-faults.ts';

/** A code alone does not tell a bad certificate from a closed port: the message must. */
function tlsRow(kind: TlsKind, fault: string, expect: Expectation, said?: RegExp): Row {
  return callRow({
    row: 29,
    fault: `TLS: ${fault}`,
    streamed: false,
    model: `tls-${kind}/m`,
    expect: { ...expect, withinMs: 4_000 },
    also({ house, seen, record }) {
      const problems: string[] = [];
      const message = record?.attempts[0]?.error_message ?? '';
      if (said !== undefined && !said.test(message)) problems.push(`the record says: ${message}`);
      if (kind !== 'good' && house.tls.requests(kind) > 0) problems.push('the request was sent all the same');
      if (/BEGIN|issuer|127\.0\.0\.1/.test(seen.text)) problems.push('the client was shown where the provider lives');
      return problems;
    },
  });
}

const SECURELY = /could not be reached securely/;

const connecting: Row[] = [
  ...bothWays(
    {
      row: 29,
      fault: 'connection refused',
      model: 'refused/m',
      also: ({ record }) =>
        /could not be reached\./.test(record?.attempts[0]?.error_message ?? '') ? [] : ['the record does not say so'],
    },
    { ...FAILED, withinMs: 1_000 },
  ),
  ...bothWays({ row: 29, fault: 'SYN is never answered, connect limit 0.8 s', model: 'silent-port/m' }, TIMED_OUT),
  callRow({
    row: 28,
    fault: 'a host name that does not exist',
    streamed: false,
    model: 'unresolved/m',
    expect: { ...FAILED, withinMs: 5_000 },
  }),
  tlsRow('good', 'nothing wrong (control)', ANSWERED),
  tlsRow('self-signed', 'signed by a stranger', FAILED, SECURELY),
  tlsRow('expired', 'expired', FAILED, SECURELY),
  tlsRow('wrong-host', "another host's certificate", FAILED, SECURELY),
  tlsRow('old-protocol', 'TLS 1.1', FAILED, SECURELY),
  tlsRow('stalled', 'a handshake that stalls, limit 0.8 s', TIMED_OUT, /did not accept the connection in time/),
];

const SERVER_IDLE_MS = 5_000;
const SPREAD_MS = 100;

/** Calls at the very moment at which the provider closes connections that were idle for five seconds. */
const keepAliveRace: SharedRow = {
  house: 'wire',
  row: 31,
  fault: 'calls when the provider closes idle connections (5 s)',
  streamed: false,
  async run({ house, quick }) {
    const lanes = quick ? 20 : 60;
    const rounds = quick ? 1 : 2;
    const kept = Buffer.from(
      answerBytes(200, 'application/json', OK_ANSWER).toString().replace('connection: close\r\n', ''),
    );
    house.raw.answer = (socket) => {
      socket.removeAllListeners('timeout').setTimeout(SERVER_IDLE_MS, () => socket.end());
      socket.write(kept);
    };
    const wrong: string[] = [];
    const call = async () => {
      const { seen } = await makeCall(house, { model: 'raw/m', streamed: false });
      if (seen.status !== 200) wrong.push(`${seen.status} ${seen.code}`);
    };
    for (let round = 0; round <= rounds; round++) {
      if (round > 0) await pause(SERVER_IDLE_MS - SPREAD_MS);
      await Promise.all(
        Array.from({ length: lanes }, async (_, lane) => {
          if (round > 0) await pause((2 * SPREAD_MS * lane) / lanes);
          await call();
        }),
      );
    }
    closePooled(house);
    const calls = lanes * (rounds + 1);
    return {
      saw: `${calls - wrong.length} of ${calls} answered`,
      recorded: '-',
      problems: wrong.slice(0, 5),
      attempts: calls,
    };
  },
};

/** What can go wrong before a provider has read a byte. */
export const networkFaults: readonly Row[] = [...connecting, keepAliveRace];
