import type { Draft, Voice } from '../script.ts';

/** One event on the wire. */
export function eventText(json: string): string {
  return `data: ${json}\r\n\r\n`;
}

/** How the chunks of one stream become bytes. */
export interface Framing {
  readonly contentType: string;
  /** One chunk, in the order in which they leave. */
  chunk(json: string): string;
  /** What comes after the last one; empty where nothing does. */
  readonly end: string;
  /** What faults say in this stream. */
  readonly voice?: (Draft & { kind: 'stream' })['voice'];
}

/** `alt=sse`: events, and nothing that says it was the last. */
export const SSE_FRAMING: Framing = { contentType: 'text/event-stream', chunk: eventText, end: '' };

/** Words of faults that a framing puts into its own form. */
export interface FaultWords {
  errorJson(status: number, detail?: Readonly<Record<string, unknown>>): string;
  textChunk(text: string): string;
}

/** Without `alt=sse`: one JSON array that grows by an element for each chunk. One framing is for one stream. */
export function arrayFraming(words: FaultWords): Framing {
  let begun = false;
  const chunk = (json: string) => {
    const text = `${begun ? ',\r\n' : '['}${json}`;
    begun = true;
    return text;
  };
  const voice: Partial<Pick<Voice, 'errorEvent' | 'deltaEvent' | 'pingEvent'>> = {
    errorEvent: (status, detail) => `${chunk(words.errorJson(status, detail))}\r\n]`,
    deltaEvent: (text) => chunk(words.textChunk(text)),
    pingEvent: '\r\n',
  };
  return { contentType: 'application/json; charset=UTF-8', chunk, end: '\r\n]', voice };
}
