/**
 * A process for the kill test: appends attempts as fast as it can, tells on its
 * standard output which records were taken, and lives until it is killed.
 *
 *     node doomed-process.ts DATA_DIR
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../kernel/clock.ts';
import { errorCode } from '../../kernel/errors.ts';
import type { AttemptStart } from '../../protocol/attempt-record.ts';
import { endRecord, openScratchStore, startRecord } from './scratch.ts';

const STDOUT = 1;
const OPEN_MAX = 40;

/** Waits when the reader is behind: a short line goes into a pipe whole or not at all. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(STDOUT, line);
      return;
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error;
    }
  }
}

const store = await openScratchStore(process.argv[2] ?? '', { unsafeNoFsync: false });
say('open\n');
const open: AttemptStart[] = [];
const more = () => {
  for (let count = 0; count < 5 && store.journal.canAdmit(); count++) {
    const start = startRecord({ task: `task ${open.length % 7}`, tags: ['doomed'] });
    store.journal.append(start);
    say(`start ${start.callId}\n`);
    open.push(start);
  }
  while (open.length > OPEN_MAX) {
    const start = open.shift();
    if (start === undefined) break;
    store.journal.append(endRecord(start));
    say(`end ${start.callId}\n`);
  }
  systemClock.after(1, more);
};
more();
