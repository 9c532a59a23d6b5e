import type { Draft, HeaderPairs, Step, StreamEvent, Voice } from '../script.ts';
import { streamEvents } from './events.ts';
import type { Fault } from './rules.ts';
import { broken, dripped, gzipped, LET_BYTES_LEAVE_MS, lost, spaced } from './steps.ts';

/** An answer ready to be played. */
export interface Performance {
  readonly status: number;
  readonly headers: HeaderPairs;
  readonly steps: Iterable<Step>;
}

/** Turns a draft into steps, with the fault's distortions where one applies. Lazy: events are made as they are walked. */
export function perform(draft: Draft, fault: Fault | undefined, voice: Voice, common: HeaderPairs): Performance {
  return draft.kind === 'body' ? performBody(draft, fault, common) : performStream(draft, fault, voice, common);
}

function performBody(draft: Draft & { kind: 'body' }, fault: Fault | undefined, common: HeaderPairs): Performance {
  const whole = Buffer.from(draft.text);
  const outcome = draft.outcome ?? (draft.status < 400 ? 'complete' : 'error');
  let steps: Iterable<Step> = [
    { kind: 'head', afterMs: draft.afterMs, makesTokens: draft.tokens },
    { kind: 'bytes', afterMs: 0, bytes: whole, tokens: draft.tokens, reasoning: draft.reasoning ?? 0 },
    { kind: 'end', afterMs: 0, outcome },
  ];
  let lengthBytes = whole.length;
  if (fault?.kind === 'truncated-json') {
    const kept = whole.subarray(0, Math.min(fault.keepBytes ?? whole.length >> 1, whole.length));
    const lies = fault.contentLength === 'lying';
    if (!lies) lengthBytes = kept.length;
    steps = [
      { kind: 'head', afterMs: draft.afterMs },
      { kind: 'bytes', afterMs: 0, bytes: kept, tokens: draft.tokens },
      lies ? { kind: 'cut', afterMs: LET_BYTES_LEAVE_MS } : { kind: 'end', afterMs: 0, outcome: 'cut' },
    ];
  } else if (fault?.kind === 'gzip') {
    const zipped = [...gzipped(steps)];
    lengthBytes = zipped.reduce((sum, step) => sum + (step.kind === 'bytes' ? step.bytes.length : 0), 0);
    steps = zipped;
  } else {
    steps = onTheWire(steps, fault);
  }
  const cleanCut = fault?.kind === 'cut' && fault.framing === 'clean';
  const headers: HeaderPairs = [
    ['content-type', contentType(draft.contentType, fault)],
    // A body that ends early yet correctly cannot have announced its length.
    ...(cleanCut ? [] : [['content-length', String(lengthBytes)] as const]),
    ...encodingHeader(fault),
    ...common,
  ];
  return { status: draft.status, headers: draft.headers ? overlaid(headers, draft.headers) : headers, steps };
}

function performStream(
  draft: Draft & { kind: 'stream' },
  fault: Fault | undefined,
  voice: Voice,
  common: HeaderPairs,
): Performance {
  const events = streamEvents(draft.events, fault, { ...voice, ...draft.voice });
  const outcome = fault?.kind === 'malformed-event' || fault?.kind === 'error-event' ? 'error' : 'complete';
  const steps = onTheWire(eventSteps(draft.afterMs, events, outcome), fault);
  const headers: HeaderPairs = [
    ['content-type', contentType(draft.contentType ?? 'text/event-stream; charset=utf-8', fault)],
    ['cache-control', 'no-cache'],
    ...encodingHeader(fault),
    ...common,
  ];
  return { status: 200, headers, steps };
}

function* eventSteps(
  firstAfterMs: number,
  events: Iterable<StreamEvent>,
  outcome: 'complete' | 'error',
): Generator<Step, void, undefined> {
  yield { kind: 'head', afterMs: firstAfterMs };
  for (const { afterMs, text, tokens, part, thought } of events) {
    const reasoning = part === 'hidden' || thought ? tokens : 0;
    yield { kind: 'bytes', afterMs, bytes: Buffer.from(text), tokens, reasoning };
  }
  yield { kind: 'end', afterMs: 0, outcome };
}

function onTheWire(steps: Iterable<Step>, fault: Fault | undefined): Iterable<Step> {
  switch (fault?.kind) {
    case 'slow-headers':
      return slowed(steps, fault);
    case 'stall':
      return broken(steps, { afterEvents: fault.afterEvents }, { kind: 'stall' });
    case 'cut': {
      const clean = fault.framing === 'clean' && (fault.afterEvents ?? fault.atByte) !== undefined;
      const last: Step = clean
        ? { kind: 'end', afterMs: 0, outcome: 'cut' }
        : { kind: 'cut', afterMs: LET_BYTES_LEAVE_MS };
      return broken(steps, fault, last);
    }
    case 'reset':
      return broken(steps, fault, { kind: 'reset', afterMs: LET_BYTES_LEAVE_MS });
    case 'lost-answer':
      return lost(steps);
    case 'slow-stream':
      return spaced(steps, fault.intervalMs);
    case 'empty':
      return [{ kind: 'cut', afterMs: 0 }];
    case 'drip':
      return dripped(steps, fault.intervalMs);
    case 'gzip':
      return gzipped(steps);
    default:
      return steps;
  }
}

function* slowed(steps: Iterable<Step>, fault: Fault & { kind: 'slow-headers' }): Generator<Step, void, undefined> {
  for (const step of steps) {
    if (step.kind !== 'head') yield step;
    else if (fault.bytesPerSecond !== undefined) yield { ...step, bytesPerSecond: fault.bytesPerSecond };
    else yield { ...step, afterMs: step.afterMs + (fault.delayMs ?? 0) };
  }
}

/** Headers a rule asks for replace ours of the same name. */
function overlaid(headers: HeaderPairs, asked: HeaderPairs): HeaderPairs {
  return [...new Map([...headers, ...asked])];
}

function contentType(usual: string, fault: Fault | undefined): string {
  return fault?.kind === 'wrong-content-type' ? fault.contentType : usual;
}

function encodingHeader(fault: Fault | undefined): HeaderPairs {
  return fault?.kind === 'gzip' ? [['content-encoding', 'gzip']] : [];
}
