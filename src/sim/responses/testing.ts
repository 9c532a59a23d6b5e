import { VirtualClock } from '../../kernel/clock.ts';
import type { FaultRuleInput } from '../faults/rules.ts';
import { Simulator } from '../simulator.ts';
import { type Asked, ask, type Chunk } from '../testing.ts';

export const HELLO = { model: 'sim-small', input: 'Describe the harbor' };
const PATH = '/v1/responses';

/** For tests: a simulator on a clock that stands still, with one fault in force. */
export function simulatorWith(fault?: FaultRuleInput['fault'], seed = 7): Simulator {
  return new Simulator({ seed, clock: new VirtualClock(), ...(fault === undefined ? {} : { faults: [{ fault }] }) });
}

/** A response to HELLO with these fields. */
export function respond(simulator: Simulator, more: object = {}, under = ''): Asked {
  return ask(simulator, { ...HELLO, ...more }, {}, PATH + under);
}

/** The events of a streamed one: their names as the frames say them, and their data. */
export function streamed(simulator: Simulator, more: object = {}): Asked & { names: string[]; data: Chunk[] } {
  const asked = respond(simulator, { ...more, stream: true });
  const frames = asked.text.split('\n\n').slice(0, -1);
  const names = frames.map((frame) => /^event: (\S+)\ndata: /.exec(frame)?.[1] ?? '');
  const data: Chunk[] = frames.map((frame) => JSON.parse(frame.slice(frame.indexOf('data: ') + 6)));
  return { ...asked, names, data };
}
