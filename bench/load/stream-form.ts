import { GEMINI_STREAM } from './gemini-wire.ts';
import { MESSAGES_STREAM } from './messages-wire.ts';
import { RESPONSES_STREAM } from './responses-wire.ts';
import { Template } from './template.ts';
import {
  CHAT_STREAM_WIRE,
  frameEvent,
  INSTANT_DIGITS,
  NUMBER_DIGITS,
  type StreamOrder,
  type StreamWire,
  streamCall,
} from './wire.ts';

/** What a stream has to be: these events, then frames, then those events, and nothing else. */
export interface StreamForm {
  readonly opening: readonly Template[];
  readonly frame: Template;
  readonly closing: readonly Template[];
  /** What ends an event: a blank line as the dialect writes it. */
  readonly eventEnd: '\n\n' | '\r\n\r\n';
}

/** What a client asks a stream with, and what it has to get. */
export interface StreamTalk {
  body(model: string, order: StreamOrder): string;
  readonly form: StreamForm;
}

/** A mock's own stream, unchanged. @param usage whether the client asks for it, where that is left to it */
export function formOfWire(wire: StreamWire, usage: boolean): StreamForm {
  const whole = (sample: string) => Template.of(sample, { own: false });
  const marks = `${'0'.repeat(NUMBER_DIGITS)}:${'0'.repeat(INSTANT_DIGITS)}`;
  return {
    opening: wire.opening.map(whole),
    frame: whole(frameEvent(wire, 0, marks)),
    closing: wire.closing(usage, [marks, marks]).map(whole),
    eventEnd: endOf(wire.frameTail),
  };
}

function endOf(event: string): StreamForm['eventEnd'] {
  return event.endsWith('\r\n\r\n') ? '\r\n\r\n' : '\n\n';
}

/** Clients of Chat Completions that do not ask for usage. */
export const CHAT_STREAM: StreamTalk = { body: streamCall, form: formOfWire(CHAT_STREAM_WIRE, false) };
export const CHAT_FORM_WITH_USAGE = formOfWire(CHAT_STREAM_WIRE, true);
export const MESSAGES_FORM = formOfWire(MESSAGES_STREAM, true);
export const RESPONSES_FORM = formOfWire(RESPONSES_STREAM, true);
export const GEMINI_FORM = formOfWire(GEMINI_STREAM, true);

/**
 * The form of a stream that was read once and judged to be right.
 *
 * @param events each with its blank line
 * @throws when they are no frames with something before or behind them
 */
export function formOfEvents(events: readonly string[]): StreamForm {
  const templates = events.map((event) => Template.of(event, { own: true }));
  const isFrame = ({ holes }: Template) => holes.some(({ name }) => name === 'number');
  const first = templates.findIndex(isFrame);
  const last = templates.findLastIndex(isFrame);
  const frame = templates[first];
  if (frame === undefined) throw new Error('a stream without frames has no form');
  for (let index = first; index <= last; index++) {
    const event = events[index] ?? '';
    if (!frame.equals(Buffer.from(event))) throw new Error(`frames of one stream differ: ${event.slice(0, 300)}`);
  }
  const [opening, closing] = [templates.slice(0, first), templates.slice(last + 1)];
  return { opening, frame, closing, eventEnd: endOf(events[first] ?? '') };
}
