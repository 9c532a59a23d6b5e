import { type Fields, numberIn, textIn } from '../fields.ts';
import { notUnderstood } from './answer-errors.ts';
import { objectsIn } from './wire.ts';

/** So much of a call is held until it is whole. */
const HELD_CHARS_MAX = 8_388_608;
/** Whoever names a later element of a list would have it filled with nothing. */
const INDEX_MAX = 100_000;
const DEPTH_MAX = 64;

type Step = string | number;

/**
 * The arguments of a function call that are told value by value, each by its
 * JSON path, as Vertex AI does where it is asked to. They are told as a whole
 * when the call is: what order the values come in, and whether another member
 * follows, nobody says before.
 */
export class PartialArguments {
  #root: unknown = undefined;
  #heldChars = 0;
  /** The text that the next value of the same path goes on with. */
  #growing: string | undefined;

  add(call: Fields): void {
    const { args } = call;
    if (args !== undefined && args !== null) this.#root = args;
    for (const partial of objectsIn(call['partialArgs'])) this.#put(partial);
  }

  /** JSON text. */
  get text(): string {
    return JSON.stringify(this.#root ?? {});
  }

  #put(partial: Fields): void {
    const path = textIn(partial, 'jsonPath') ?? '';
    const value = toldValue(partial);
    this.#heldChars += path.length + (typeof value === 'string' ? value.length : 8);
    if (this.#heldChars > HELD_CHARS_MAX) {
      throw notUnderstood(`a function call of more than ${HELD_CHARS_MAX} characters that is told in pieces`);
    }
    const goesOn = this.#growing === path && typeof value === 'string';
    this.#root = withValue(this.#root, stepsOf(path), (before) =>
      goesOn && typeof before === 'string' ? before + String(value) : value,
    );
    this.#growing = partial['willContinue'] === true ? path : undefined;
  }
}

function toldValue(partial: Fields): unknown {
  return (
    textIn(partial, 'stringValue') ??
    numberIn(partial, 'numberValue') ??
    (typeof partial['boolValue'] === 'boolean' ? partial['boolValue'] : null)
  );
}

const STEP = /\.([^.[\]]+)|\[(\d{1,6})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

/** `$.places[0].name`, `$['odd name']`. @throws `upstream_error` for a path of another form */
function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 1;
  while (path.startsWith('$') && STEP.lastIndex < path.length && steps.length < DEPTH_MAX) {
    const found = STEP.exec(path);
    if (found === null) break;
    const [, name, index, single, double] = found;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(name ?? (single ?? double ?? '').replace(/\\(.)/g, '$1'));
    if (STEP.lastIndex === path.length) return steps;
  }
  throw notUnderstood('the path of a value among the arguments of a function call');
}

function withValue(target: unknown, steps: readonly Step[], value: (before: unknown) => unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value(target);
  if (typeof step === 'number') {
    if (step > INDEX_MAX) throw notUnderstood(`element ${step} of a list among the arguments of a function call`);
    const list: unknown[] = Array.isArray(target) ? target : [];
    while (list.length < step) list.push(null);
    list[step] = withValue(list[step], rest, value);
    return list;
  }
  const object = (
    typeof target === 'object' && target !== null && !Array.isArray(target) ? target : Object.create(null)
  ) as Record<string, unknown>;
  const before = Object.hasOwn(object, step) ? object[step] : undefined;
  const member = { value: withValue(before, rest, value), enumerable: true, writable: true, configurable: true };
  // Not an assignment, which a member of the name `__proto__` would take for another thing.
  return Object.defineProperty(object, step, member);
}
