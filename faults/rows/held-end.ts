import type { ClientDialect } from '../harness/dialects.ts';
import { requestIn } from '../harness/dialects.ts';
import { LAST_CHUNK, streamBytes } from '../harness/http-bytes.ts';
import { RawClient, requestBytes } from '../harness/raw-client.ts';
import { recordOf, recordText } from '../harness/record.ts';
import { breachesOfRules } from '../harness/rules.ts';
import { seenIn, seenText } from '../harness/seen.ts';
import { comesTrue, pause } from '../harness/waiting.ts';
import type { SharedRow } from '../row.ts';

/** Longer than any event takes that is not held. */
const HELD_MS = 200;
const COMES_MS = 5_000;

interface EndedStream {
  readonly name: string;
  readonly client: ClientDialect;
  readonly model: string;
  readonly events: readonly string[];
  /** Stands in the last event that is passed on at once. */
  readonly before: string;
  /** Stands in the one that says that the answer is over. */
  readonly end: string;
}

/** The dialect's last event has come, the end of the body has not: nobody may be told yet that all is well. */
export function heldEnd({ name, client: dialect, model, events, before, end }: EndedStream): SharedRow {
  return {
    house: 'wire',
    row: 3,
    fault: `${name}: the end is held until the call is settled`,
    streamed: true,
    async run({ house }) {
      await house.setFaults();
      let release: (() => void) | undefined;
      house.raw.answer = (socket) => {
        socket.write(streamBytes(events).subarray(0, -LAST_CHUNK.length));
        release = () => void socket.end(LAST_CHUNK);
      };
      const { path, body } = requestIn(dialect, { model, prompt: 'Say hi.', streamed: true });
      const client = await RawClient.open(house.port);
      try {
        client.send(requestBytes({ key: house.key, path, body }));
        const problems: string[] = [];
        const passed = await client.seen((answer) => answer.body.includes(before), COMES_MS);
        if (!passed) problems.push('what comes before the end was not passed on');
        await pause(HELD_MS);
        if (client.soFar.body.includes(end))
          problems.push('the client was told of the end before the call was settled');
        await comesTrue(() => release !== undefined, COMES_MS);
        release?.();
        const seen = seenIn(await client.answer(), dialect);
        const record = seen.callId === undefined ? undefined : await recordOf(house, seen.callId);
        problems.push(...breachesOfRules(seen, record));
        if (seen.terminal !== 'done') problems.push(`the stream ended in ${seen.terminal}`);
        if (record?.attempts[0]?.outcome !== 'ok') problems.push(`the outcome is ${record?.attempts[0]?.outcome}`);
        return { saw: seenText(seen), recorded: recordText(record), problems, attempts: 1 };
      } finally {
        client.close();
      }
    },
  };
}
