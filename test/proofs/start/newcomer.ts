import { join } from 'node:path';
import {
  checkCalls,
  interrupt,
  killNpm,
  killServer,
  type Place,
  readmeCommands,
  refusals,
  startAndCall,
} from './scenarios.ts';
import { DataDir } from './terminal.ts';
import type { Timed } from './times.ts';

/** `npm start` in the checkout, and everything that can happen to it there, on one store from its first second. */
export async function liveThrough(place: Place): Promise<Timed[]> {
  const { checks } = place;
  const data = new DataDir(join(place.checkout, '.leeward'));
  const first = await startAndCall(place, 'first npm start', 'npm', 'start');
  const key = data.devKey;
  const stopMs = await interrupt(place, 'npm start', first.terminal, data);
  const second = await startAndCall(place, 'second npm start', 'npm', 'start');
  checks.that('the second start prints the same key', second.block.key === first.block.key);
  await checkCalls(place, second, [first.callId]);
  await refusals(place, second, data);
  await readmeCommands(place, second);
  const third = await killServer(place, second, data);
  const fourth = await killNpm(place, third, data);
  await checkCalls(place, fourth, [first.callId, second.callId, third.callId]);
  const kept = data.devKey === key && data.devKeyMode === '600';
  checks.that('dev.key is the same through all of it, for its owner alone', kept, `mode ${data.devKeyMode}`);
  const lastStopMs = await interrupt(place, 'the last npm start', fourth.terminal, data);
  const restarts = [second, third, fourth];
  return [
    { what: 'npm start → block, new store', ms: [first.blockMs] },
    { what: 'npm start → first call served, new store', ms: [first.servedMs] },
    { what: 'npm start → block, existing store', ms: restarts.map(({ blockMs }) => blockMs) },
    { what: 'npm start → first call served, existing store', ms: restarts.map(({ servedMs }) => servedMs) },
    { what: 'Ctrl-C on npm start → everything gone', ms: [stopMs, lastStopMs] },
  ];
}
