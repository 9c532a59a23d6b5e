import type { ClientDialect } from './dialects.ts';

/** What one event, or one whole answer, says of how the answer ended. */
export interface Told {
  /** The dialect's own end. */
  readonly done?: boolean;
  /** The error's code, or what the dialect has in its place. */
  readonly code?: string | undefined;
  readonly finish?: string | undefined;
  /** After this nothing of the answer may follow. */
  readonly last?: boolean;
}

/** Reads what a client of one dialect got, in that dialect and in no other: another's error is none. */
export interface DialectReader {
  /** The data of each event of a stream, in order. */
  events(text: string): string[];
  event(data: string): Told;
  whole(text: string): Told;
}

const chat: DialectReader = {
  events: dataOf,
  event(data) {
    const value = parsed(data);
    if (data === '[DONE]') return { done: true, last: true };
    return { code: openAiCode(value), finish: chatFinish(value) };
  },
  whole(text) {
    const value = parsed(text);
    return { code: openAiCode(value), finish: chatFinish(value), done: value !== undefined };
  },
};

const messages: DialectReader = {
  events: dataOf,
  event(data) {
    const value = parsed(data);
    const last = member(value, 'type') === 'message_stop';
    return {
      done: last,
      last,
      code: anthropicCode(value),
      finish: text(member(member(value, 'delta'), 'stop_reason')),
    };
  },
  whole(body) {
    const value = parsed(body);
    const done = member(value, 'type') === 'message';
    return { done, code: anthropicCode(value), finish: text(member(value, 'stop_reason')) };
  },
};

/** The ends of a stream of the Responses API. An `error` is none of them: `response.failed` may follow it. */
const RESPONSE_ENDS = new Set(['response.completed', 'response.incomplete']);
const FAILED = 'response.failed';

const responses: DialectReader = {
  events: dataOf,
  event(data) {
    const value = parsed(data);
    const type = text(member(value, 'type')) ?? '';
    const response = member(value, 'response');
    const done = RESPONSE_ENDS.has(type);
    if (done) return { done, last: true, finish: responseFinish(response) };
    if (type === FAILED) return { last: true, code: openAiCode(response) ?? 'without a code' };
    return type === 'error' ? { code: openAiCode(value) ?? text(member(value, 'code')) ?? 'without a code' } : {};
  },
  whole(body) {
    const value = parsed(body);
    const done = member(value, 'object') === 'response';
    return { done, code: openAiCode(value), finish: done ? responseFinish(value) : undefined };
  },
};

const gemini: DialectReader = {
  events: dataOf,
  event: (data) => {
    const told = geminiTold(parsed(data));
    return { ...told, last: told.done === true };
  },
  whole: (body) => geminiTold(parsed(body)),
};

const geminiArray: DialectReader = {
  events(body) {
    const value = parsed(body);
    return Array.isArray(value) ? value.map((element) => JSON.stringify(element)) : [];
  },
  event: gemini.event,
  whole(body) {
    const value = parsed(body);
    return Array.isArray(value) ? geminiTold(value[0]) : {};
  },
};

export const READERS: Readonly<Record<ClientDialect, DialectReader>> = {
  chat,
  messages,
  responses,
  gemini,
  'gemini-array': geminiArray,
};

/** The data of each whole event; a half one at the end is none, as every reader of event streams has it. */
export function dataOf(stream: string): string[] {
  const lines = stream.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
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

function chatFinish(value: unknown): string | undefined {
  return text(member(first(member(value, 'choices')), 'finish_reason'));
}

function responseFinish(response: unknown): string | undefined {
  return text(member(member(response, 'incomplete_details'), 'reason')) ?? text(member(response, 'status'));
}

function openAiCode(value: unknown): string | undefined {
  const error = member(value, 'error');
  if (error === undefined || error === null) return undefined;
  return text(member(error, 'code')) ?? text(member(error, 'type')) ?? 'without a code';
}

/** Our code stands among the details. */
function anthropicCode(value: unknown): string | undefined {
  if (member(value, 'type') !== 'error') return undefined;
  const error = member(value, 'error');
  return text(member(member(error, 'details'), 'error_code')) ?? text(member(error, 'type'));
}

/** Our code is the reason of an `ErrorInfo`, in capitals. Google's libraries tell errors by the number and the status. */
function geminiCode(value: unknown): string | undefined {
  const error = member(value, 'error');
  const status = text(member(error, 'status'));
  if (status === undefined || typeof member(error, 'code') !== 'number') return undefined;
  const details = member(error, 'details');
  const ours = Array.isArray(details) ? details.find((detail) => member(detail, 'domain') === 'leeward') : undefined;
  return text(member(ours, 'reason'))?.toLowerCase() ?? status;
}

function geminiTold(value: unknown): Told {
  const blocked = text(member(member(value, 'promptFeedback'), 'blockReason'));
  const finish = text(member(first(member(value, 'candidates')), 'finishReason')) ?? blocked;
  return { done: finish !== undefined, finish, code: geminiCode(value) };
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Not JSON is an answer too: the caller says what that means.
    return undefined;
  }
}
