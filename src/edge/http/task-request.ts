import { scaledDecimal } from '../../kernel/decimal.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { TASK_COST_KINDS, TASK_OUTCOMES, type TaskCost, type TaskVerdict } from '../../protocol/task.ts';

const NAME_CHARS_MAX = 256;
const ID_CHARS_MAX = 128;
const NOTE_CHARS_MAX = 1_000;
const NANO_SCALE = 9;
/** A million dollars for one line: more is a slip. */
const AMOUNT_NANO_MAX = 1_000_000n * 10n ** 9n;
const VALUE = /^-?\d{1,18}(?:\.\d{1,9})?$/;

type Fields = Readonly<Record<string, unknown>>;

/** The task that a path names. @throws `invalid_request` */
export function taskName(param: string): string {
  let name: string;
  try {
    name = decodeURIComponent(param);
  } catch (cause) {
    throw new GatewayError('invalid_request', { message: `The task in the path is not percent-encoded UTF-8.`, cause });
  }
  return text('task', name, NAME_CHARS_MAX);
}

/** @throws `invalid_request` that names the field */
export function taskVerdict(body: unknown): TaskVerdict {
  const fields = fieldsOf(body, ['outcome', 'value', 'note'], '{"outcome":"success"}');
  const { value, note } = fields;
  return {
    outcome: oneOf('outcome', fields['outcome'], TASK_OUTCOMES),
    ...(value == null ? {} : { value: figureOf(value) }),
    ...(note == null ? {} : { note: text('note', note, NOTE_CHARS_MAX) }),
  };
}

/** @throws `invalid_request` that names the field */
export function taskCost(body: unknown): TaskCost {
  const known = ['id', 'kind', 'amount_usd', 'amount_nano_usd', 'description', 'end_user'];
  const fields = fieldsOf(body, known, '{"id":"review-17","kind":"human_review","amount_usd":"0.14"}');
  const { description, end_user: endUser } = fields;
  return {
    id: text('id', fields['id'], ID_CHARS_MAX),
    kind: oneOf('kind', fields['kind'], TASK_COST_KINDS),
    amountNanoUsd: amountOf(fields),
    ...(description == null ? {} : { description: text('description', description, NOTE_CHARS_MAX) }),
    ...(endUser == null ? {} : { endUser: text('end_user', endUser, NAME_CHARS_MAX) }),
  };
}

function fieldsOf(body: unknown, known: readonly string[], example: string): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new GatewayError('invalid_request', { message: `The request body must be a JSON object, as in ${example}.` });
  }
  const stranger = Object.keys(body).find((name) => !known.includes(name));
  if (stranger === undefined) return body as Fields;
  throw invalid(stranger.slice(0, 64), `is not known here; there are ${known.join(', ')}`);
}

function text(name: string, value: unknown, charsMax: number): string {
  if (typeof value !== 'string' || value.trim() === '') throw invalid(name, 'must be a text that is not empty');
  const trimmed = value.trim();
  if (trimmed.length > charsMax) throw invalid(name, `is longer than ${charsMax} characters`);
  // Postgres holds no such text.
  if (trimmed.includes('\0')) throw invalid(name, 'holds U+0000');
  return trimmed.toWellFormed();
}

function oneOf<Word extends string>(name: string, value: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw invalid(name, `must be one of ${words.join(', ')}`);
}

/** A number is taken as it was written: what it loses as a double, it had lost before. */
function figureOf(value: unknown): string {
  const written = typeof value === 'number' ? String(value) : value;
  if (typeof written === 'string' && VALUE.test(written)) return written;
  throw invalid('value', 'must be a decimal with at most 9 decimals, as in 0.75');
}

/** Money is text: a JSON number may not be what was meant. */
function amountOf({ amount_usd: usd, amount_nano_usd: nano }: Fields): bigint {
  if ((usd == null) === (nano == null)) throw invalid('amount_usd', 'or amount_nano_usd must be there, and not both');
  const [name, written, scale] = usd == null ? ['amount_nano_usd', nano, 0] : ['amount_usd', usd, NANO_SCALE];
  const example = usd == null ? '"140000000"' : '"0.14"';
  const amount = typeof written === 'string' ? scaledDecimal(written, Number(scale)) : undefined;
  if (amount === undefined) {
    throw invalid(
      String(name),
      `must be an exact amount as text, not below 0 and of whole billionths of a dollar, as in ${example}`,
    );
  }
  if (amount <= AMOUNT_NANO_MAX) return amount;
  throw invalid(String(name), 'is more than a million dollars: one line is not that dear');
}

function invalid(param: string, what: string): GatewayError {
  return new GatewayError('invalid_request', { message: `${param} ${what}.`, param });
}
