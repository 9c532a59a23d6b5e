import type { RawAnswer } from './answer-parser.ts';
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
  readonly end: AnswerEnd;
  readonly text: string;
  readonly callId: string | undefined;
}

export function seenIn(answer: RawAnswer & { readonly end: AnswerEnd }): Seen {
  const text = answer.body.toString('utf8');
  const saysStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const streamed = (saysStream || !answer.headers.has('content-length')) && answer.status === 200;
  const facts = streamed ? streamFacts(text) : bodyFacts(text);
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

type BodyFacts = Pick<Seen, 'terminal' | 'code' | 'finishReason' | 'events'>;

function bodyFacts(text: string): BodyFacts {
  const body = parsed(text);
  const code = errorCodeOf(body);
  if (code !== undefined) return { terminal: 'error', code, finishReason: undefined, events: 0 };
  return { terminal: body === undefined ? 'none' : 'answer', code: undefined, finishReason: finishOf(body), events: 0 };
}

function streamFacts(text: string): BodyFacts {
  let done = false;
  let code: string | undefined;
  let finishReason: string | undefined;
  let events = 0;
  for (const data of dataOf(text)) {
    events++;
    if (data === '[DONE]') {
      done = true;
      continue;
    }
    const value = parsed(data);
    // Messages ends with an event of its own.
    if (memberOf(value, 'type') === 'message_stop') done = true;
    code ??= errorCodeOf(value);
    finishReason ??= finishOf(value);
  }
  const terminal = code === undefined ? (done ? 'done' : 'none') : done ? 'error+done' : 'error';
  return { terminal, code, finishReason, events };
}

/** The data of each whole event; a half one at the end is none, as every reader of event streams has it. */
export function dataOf(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const found: string[] = [];
  let data: string[] = [];
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (data.length > 0) found.push(data.join('\n'));
      data = [];
    } else if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
  }
  return found;
}

function errorCodeOf(value: unknown): string | undefined {
  const error = memberOf(value, 'error');
  if (error === undefined || error === null) return undefined;
  // In Anthropic's shape our code stands among the details.
  const codes = [memberOf(error, 'code'), memberOf(memberOf(error, 'details'), 'error_code'), memberOf(error, 'type')];
  return codes.find((found) => typeof found === 'string') ?? 'without a code';
}

function finishOf(value: unknown): string | undefined {
  const choices = memberOf(value, 'choices');
  const reason = Array.isArray(choices)
    ? memberOf(choices[0], 'finish_reason')
    : (memberOf(memberOf(value, 'delta'), 'stop_reason') ?? memberOf(value, 'stop_reason'));
  return typeof reason === 'string' ? reason : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is an answer too: the caller says what that means.
    return undefined;
  }
}
