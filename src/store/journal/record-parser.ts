import type { AttemptCheckpoint, AttemptEnd, AttemptRecord, AttemptStart } from '../../protocol/attempt-record.ts';
import type { Usage } from '../../protocol/usage.ts';

type Check = (value: unknown) => boolean;
type Checks<Shape> = { readonly [Field in keyof Required<Shape>]: Check };

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
/** Within what `Date` can hold. */
const instant: Check = (value) => typeof value === 'number' && Math.abs(value) <= 8.64e15;
const finite: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const INT4_MAX = 2_147_483_647;
const int4: Check = (value) => Number.isInteger(value) && Math.abs(Number(value)) <= INT4_MAX;
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
/** Within `bigint`'s nineteen digits. */
const money: Check = (value) => typeof value === 'string' && /^-?\d{1,18}$/.test(value);
const texts: Check = (value) => Array.isArray(value) && value.every(text);
const flatObject: Check = (value) => isObject(value) && Object.values(value).every(text);
const quantities: Check = (value) =>
  isObject(value) && Object.values(value).every((one) => finite(one) && Number(one) >= 0);
const usage: Check = (value) => isObject(value) && wrongField(USAGE_FIELDS, value) === undefined;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const USAGE: Checks<Usage> = {
  inputTokens: optional(count),
  cachedInputTokens: optional(count),
  outputTokens: optional(count),
  reasoningTokens: optional(count),
  cacheWriteTokens: optional(count),
  cacheWrite1hTokens: optional(count),
  inputAudioTokens: optional(count),
  cachedAudioTokens: optional(count),
  inputImageTokens: optional(count),
  cachedImageTokens: optional(count),
  inputVideoTokens: optional(count),
  cachedVideoTokens: optional(count),
  outputAudioTokens: optional(count),
  outputImageTokens: optional(count),
  outputVideoTokens: optional(count),
  citationTokens: optional(count),
  quantities: optional(quantities),
  serviceTier: optional(text),
  batch: optional(flag),
  providerCostNanoUsd: optional(money),
};

const START: Checks<AttemptStart> = {
  kind: (value) => value === 'start',
  callId: text,
  attempt: int4,
  callStartedAt: instant,
  startedAt: instant,
  organisation: text,
  project: text,
  keyId: text,
  parentKeyId: optional(text),
  endUser: optional(text),
  task: optional(text),
  tags: optional(texts),
  metadata: optional(flatObject),
  operation: text,
  dialect: text,
  stream: flag,
  modelAsked: text,
  route: text,
  routeReason: text,
  provider: text,
  model: text,
  credential: optional(text),
  configVersion: text,
  priceVersion: text,
  traceId: optional(text),
  clientRequestId: optional(text),
};

const END: Checks<AttemptEnd> = {
  kind: (value) => value === 'end',
  callId: text,
  attempt: int4,
  callStartedAt: instant,
  endedAt: instant,
  outcome: text,
  last: flag,
  status: optional(int4),
  clientStatus: optional(int4),
  errorCode: optional(text),
  errorMessage: optional(text),
  finishReason: optional(text),
  usage: optional(usage),
  usageSource: optional(text),
  costNanoUsd: optional(money),
  chargeNanoUsd: optional(money),
  holdNanoUsd: optional(money),
  overrun: optional(flag),
  firstTokenMs: optional(finite),
  totalMs: finite,
  upstreamRequestId: optional(text),
};

const CHECKPOINT: Checks<AttemptCheckpoint> = {
  kind: (value) => value === 'checkpoint',
  callId: text,
  attempt: int4,
  callStartedAt: instant,
  at: instant,
  usage,
  costNanoUsd: optional(money),
};

type Field = readonly [name: string, check: Check];

/** As lists, because they are gone through for every record. */
const USAGE_FIELDS: readonly Field[] = Object.entries(USAGE);
const START_FIELDS: readonly Field[] = Object.entries(START);
const END_FIELDS: readonly Field[] = Object.entries(END);
const CHECKPOINT_FIELDS: readonly Field[] = Object.entries(CHECKPOINT);

/**
 * A journal line as a record. Fields it does not know are left alone: an older
 * version may replay what a newer one wrote.
 *
 * @throws when it is no JSON, or a known field holds what its column cannot
 */
export function parseRecord(line: string): AttemptRecord {
  const value: unknown = JSON.parse(line);
  if (!isObject(value)) throw new Error('the record is not an object');
  const wrong = wrongField(fieldsOf(value['kind']), value);
  if (wrong !== undefined) throw new Error(`the record's ${wrong} is ${JSON.stringify(value[wrong]) ?? 'missing'}`);
  return value as unknown as AttemptRecord;
}

function fieldsOf(kind: unknown): readonly Field[] {
  if (kind === 'end') return END_FIELDS;
  return kind === 'checkpoint' ? CHECKPOINT_FIELDS : START_FIELDS;
}

function wrongField(fields: readonly Field[], value: Record<string, unknown>): string | undefined {
  for (const [name, check] of fields) if (!check(value[name])) return name;
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
