import type { RawAnswer } from './answer-parser.ts';
import { READERS, type Told } from './dialect-readers.ts';
import type { ClientDialect } from './dialects.ts';
import type { AnswerEnd } from './raw-client.ts';

/** A provider may call its errors anything. */
const CODE_CHARS_MAX = 40;

/** How an answer ended for whoever read it: a whole JSON answer, a stream's own end, an error, both, or nothing. */
export type Terminal = 'answer' | 'done' | 'error' | 'error+done' | 'none';

/** What a client could read from the bytes it got. */
export interface Seen {
  readonly status: number;
  readonly streamed: boolean;
  readonly terminal: Terminal;
  /** The error's code, or its type where it has no code. */
  readonly code: string | undefined;
  readonly finishReason: string | undefined;
  readonly events: number;
  /** How many events say that the answer ends here. */
  readonly lastEvents: number;
  readonly end: AnswerEnd;
  readonly text: string;
  readonly callId: string | undefined;
}

/** What a client of that dialect makes of an answer. */
export function seenIn(answer: RawAnswer & { readonly end: AnswerEnd }, client: ClientDialect = 'chat'): Seen {
  const text = answer.body.toString('utf8');
  const saysStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const streamed = (saysStream || !answer.headers.has('content-length')) && answer.status === 200;
  const facts = streamed ? streamFacts(text, client) : bodyFacts(READERS[client].whole(text));
  return {
    ...facts,
    status: answer.status,
    streamed,
    end: answer.end,
    text,
    callId: answer.headers.get('x-leeward-request-id'),
  };
}

/** As one cell of the table. */
export function seenText(seen: Seen): string {
  const code = seen.code === undefined ? '' : ` ${seen.code.slice(0, CODE_CHARS_MAX)}`;
  const end = seen.end === 'complete' ? '' : ` (${seen.end})`;
  return `${seen.status} ${seen.terminal}${code}${end}`;
}

type BodyFacts = Pick<Seen, 'terminal' | 'code' | 'finishReason' | 'events' | 'lastEvents'>;

function bodyFacts({ code, done, finish }: Told): BodyFacts {
  const none = { events: 0, lastEvents: 0 };
  if (code !== undefined) return { terminal: 'error', code, finishReason: undefined, ...none };
  return { terminal: done === true ? 'answer' : 'none', code: undefined, finishReason: finish, ...none };
}

function streamFacts(text: string, client: ClientDialect): BodyFacts {
  const reader = READERS[client];
  const told = reader.events(text).map((data) => reader.event(data));
  const code = told.find((event) => event.code !== undefined)?.code;
  const done = told.some((event) => event.done === true);
  return {
    terminal: code === undefined ? (done ? 'done' : 'none') : done ? 'error+done' : 'error',
    code,
    finishReason: told.find(({ finish }) => finish !== undefined)?.finish,
    events: told.length,
    lastEvents: told.filter(({ last }) => last === true).length,
  };
}
