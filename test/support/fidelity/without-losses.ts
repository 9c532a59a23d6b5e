import { lossesOf } from '../../../src/protocol/fidelity/losses.ts';
import type { FidelityTable } from '../../../src/protocol/fidelity/table.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The request without what the table says is lost of it, or keeps it from the provider. */
export function withoutLosses(table: FidelityTable, request: Fields): Fields {
  let kept = structuredClone(request);
  for (;;) {
    const { losses, refused } = lossesOf(table, kept);
    const fields = [...losses, ...(refused === undefined ? [] : [refused])].map(({ field }) => field);
    if (fields.length === 0) return kept;
    kept = fields.reduce((left, field) => without(left, stepsOf(field)), kept);
    kept = tidy(kept) as Fields;
  }
}

function stepsOf(field: string): string[] {
  return field.split(/\.|\[(\d+)\]\.?/).filter((step) => step !== undefined && step !== '');
}

/** An element is emptied, so that the places of those behind it stay what they are. */
function without<Value>(value: Value, steps: readonly string[]): Value {
  const [step, ...rest] = steps;
  if (step === undefined || typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  if (rest.length > 0) fields[step] = without(fields[step], rest);
  else if (Array.isArray(fields)) fields[Number(step)] = undefined;
  else delete fields[step];
  return value;
}

/** Elements that were emptied are gone, and so are objects whose kind is all that is left of them. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy).filter((each) => each !== undefined && !isBare(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, tidy(member)]));
}

/** Members without which an object of this type says nothing. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  input_image: ['image_url'],
  input_file: ['file_data', 'file_url'],
  input_audio: ['input_audio'],
  image_url: ['image_url'],
  file: ['file'],
  image: ['source'],
  document: ['source'],
};

function isBare(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  const needed = NEEDED[String(fields['type'])];
  return needed?.every((name) => fields[name] === undefined) === true;
}
