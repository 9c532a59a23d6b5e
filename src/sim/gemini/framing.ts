import type { Draft, StreamEvent, Voice } from '../script.ts';

type Events = Iterable<StreamEvent>;

/** How the chunks of one stream become bytes. */
export interface Framing {
  readonly contentType: string;
  /** Events whose text is the JSON of a chunk, as they stand on the wire. */
  frames(chunks: Events): Events;
  /** What faults say in this stream. */
  readonly voice?: (Draft & { kind: 'stream' })['voice'];
}

/** One event on the wire. */
export function eventText(json: string): string {
  return `data: ${json}\r\n\r\n`;
}

/** `alt=sse`: events, and nothing that says it was the last. */
export const SSE_FRAMING: Framing = {
  contentType: 'text/event-stream',
  *frames(chunks) {
    for (const chunk of chunks) yield chunk.text === '' ? chunk : { ...chunk, text: eventText(chunk.text) };
  },
};

/** Words of faults that a framing puts into its own form. */
export interface FaultWords {
  errorJson(status: number, detail?: Readonly<Record<string, unknown>>): string;
  textChunk(text: string): string;
}

/** Without `alt=sse`: one JSON array that grows by an element for each chunk. One framing is for one stream. */
export function arrayFraming(words: FaultWords): Framing {
  let begun = false;
  const element = (json: string) => `${begun ? ',\r\n' : '['}${json}`;
  const voice: Partial<Pick<Voice, 'errorEvent' | 'deltaEvent' | 'pingEvent'>> = {
    errorEvent: (status, detail) => `${element(words.errorJson(status, detail))}\r\n]`,
    deltaEvent: (text) => element(words.textChunk(text)),
    pingEvent: '\r\n',
  };
  function* frames(chunks: Events): Generator<StreamEvent, void, undefined> {
    for (const chunk of chunks) {
      yield chunk.text === '' ? chunk : { ...chunk, text: element(chunk.text) };
      // Only now it is known that it was not left out by whoever took it.
      begun ||= chunk.text !== '';
    }
    yield { afterMs: 0, text: '\r\n]', tokens: 0, part: 'done' };
  }
  return { contentType: 'application/json; charset=UTF-8', frames, voice };
}
