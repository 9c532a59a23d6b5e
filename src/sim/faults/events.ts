import type { StreamEvent, Voice } from '../script.ts';
import type { Fault } from './rules.ts';

type Events = Generator<StreamEvent, void, undefined>;

/** A stream's events with the distortions that work on whole events. */
export function streamEvents(
  events: Iterable<StreamEvent>,
  fault: Fault | undefined,
  voice: Voice,
): Iterable<StreamEvent> {
  switch (fault?.kind) {
    case 'malformed-event':
      return malformed(events, fault.event);
    case 'error-event':
      return errorAfter(events, fault, voice);
    case 'no-done':
      return without(events, 'done');
    case 'no-usage':
      return without(events, 'usage');
    case 'huge-event':
      return inserted(events, fault.afterEvents, () => voice.deltaEvent('x'.repeat(fault.bytes)));
    case 'endless':
      return fault.of === 'pings' ? pingsForever(events, fault.intervalMs, voice) : events;
    default:
      return events;
  }
}

/** Event number `index`, counted from 0, loses its second half: what is left is no JSON. */
function* malformed(events: Iterable<StreamEvent>, index: number): Events {
  let seen = 0;
  for (const event of events) {
    if (event.text !== '' && seen++ === index) {
      yield { ...event, text: `${event.text.slice(0, event.text.length >> 1).trimEnd()}\n\n` };
    } else {
      yield event;
    }
  }
}

function* errorAfter(events: Iterable<StreamEvent>, fault: Fault & { kind: 'error-event' }, voice: Voice): Events {
  let left = fault.afterEvents;
  for (const event of events) {
    if (event.text !== '' && left-- === 0) break;
    yield event;
  }
  yield { afterMs: 0, text: voice.errorEvent(fault.status, fault.error), tokens: 0, part: 'finish' };
  if (fault.done) yield { afterMs: 0, text: voice.doneEvent, tokens: 0, part: 'done' };
}

function* without(events: Iterable<StreamEvent>, part: StreamEvent['part']): Events {
  for (const event of events) if (event.part !== part) yield event;
}

function* inserted(events: Iterable<StreamEvent>, afterEvents: number, text: () => string): Events {
  let left = afterEvents;
  for (const event of events) {
    if (event.text !== '' && left-- === 0) yield { afterMs: 0, text: text(), tokens: 0, part: 'delta' };
    yield event;
  }
}

/** Says all but the end, and then only that it is still there. */
function* pingsForever(events: Iterable<StreamEvent>, intervalMs: number, voice: Voice): Events {
  for (const event of events) {
    if (event.part !== 'open' && event.part !== 'delta' && event.part !== 'hidden') break;
    yield event;
  }
  for (;;) yield { afterMs: intervalMs, text: voice.pingEvent, tokens: 0, part: 'hidden' };
}
