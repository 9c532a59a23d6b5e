import { eventData, SseSplitter } from '../../kernel/sse-splitter.ts';
import { isObject } from '../request-object.ts';
import { dataObject } from '../sse-gate.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Answers that did not come to an end of their own are not gone on with. */
const ENDED: ReadonlySet<unknown> = new Set(['completed', 'incomplete']);
const LAST_EVENTS: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete']);

/** The answer among the bytes that a client gets: a whole one, or the one that the last event of a stream repeats. */
export function keptAnswer(bytes: Buffer, stream: boolean): Fields | undefined {
  const answer = stream ? answerAtEnd(bytes) : dataObject(bytes.toString('utf8'));
  return answer !== undefined && typeof answer['id'] === 'string' && ENDED.has(answer['status']) ? answer : undefined;
}

function answerAtEnd(bytes: Buffer): Fields | undefined {
  let found: Fields | undefined;
  new SseSplitter().push(bytes, (event) => {
    const data = eventData(event);
    const fields = data === undefined ? undefined : dataObject(data);
    if (fields !== undefined && LAST_EVENTS.has(fields['type']) && isObject(fields['response'])) {
      found = fields['response'];
    }
  });
  return found;
}
