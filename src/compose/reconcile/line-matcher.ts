import { join } from 'node:path';
import {
  type LedgerLine,
  type StatementLine,
  type StatementSum,
  summed,
  sumOfLine,
} from '../../money/reconcile/lines.ts';
import { KeyedSpill } from './keyed-spill.ts';
import { lineOf, lineText, type SpilledLine } from './line-json.ts';

/**
 * Brings attempts and a statement's lines together, in two rounds, in bounded
 * memory.
 *
 * first round, by the provider's own id: an attempt that alone has it takes all lines that have it
 * second round, by what we sent as client request id: attempts, with what they have taken, and the lines that are left
 *
 * So a line that bears both ids is found by either, and whatever a provider
 * bills for one attempt, in parts or twice, is summed up on that attempt.
 */
export class LineMatcher {
  readonly #byRequest: KeyedSpill;
  readonly #byClient: KeyedSpill;
  readonly #strangers: KeyedSpill;

  /** @param directory of its own, for what is too much for memory */
  constructor(directory: string, heldMax?: number) {
    this.#byRequest = new KeyedSpill(join(directory, 'request'), heldMax);
    this.#byClient = new KeyedSpill(join(directory, 'client'), heldMax);
    this.#strangers = new KeyedSpill(join(directory, 'strangers'), heldMax);
  }

  addHere(here: LedgerLine): void {
    const text = lineText({ here });
    if (here.upstreamRequestId === undefined) this.#byClient.add(clientIdOf(here), text);
    else this.#byRequest.add(here.upstreamRequestId, text);
  }

  addThere(line: StatementLine): void {
    const spilled: SpilledLine = {
      there: sumOfLine(line),
      ...(line.clientRequestId && { client: line.clientRequestId }),
    };
    if (line.requestId !== undefined) this.#byRequest.add(line.requestId, lineText(spilled));
    else this.#passOn(spilled);
  }

  /** Every attempt once, and every line of the statement once, together or alone. */
  *pairs(): Generator<SpilledLine> {
    for (const { values } of this.#byRequest.groups()) this.#matchByRequest(values.map((text) => lineOf(text)));
    for (const { values } of this.#byClient.groups()) yield paired(values.map((text) => lineOf(text)));
    for (const { values } of this.#strangers.groups()) for (const text of values) yield lineOf(text);
  }

  remove(): void {
    for (const spill of [this.#byRequest, this.#byClient, this.#strangers]) spill.remove();
  }

  #matchByRequest(lines: readonly SpilledLine[]): void {
    const ours = unique(lines.flatMap(({ here }) => here ?? []));
    const theirs = lines.filter(({ there }) => there !== undefined);
    const [only] = ours;
    // Two attempts under one id of the provider's: which is meant, only our own id can tell.
    if (ours.length !== 1 || only === undefined) {
      for (const here of ours) this.#byClient.add(clientIdOf(here), lineText({ here }));
      for (const spilled of theirs) this.#passOn(spilled);
      return;
    }
    const there = sumOf(theirs.flatMap((line) => line.there ?? []));
    this.#byClient.add(clientIdOf(only), lineText({ here: only, ...(there && { there }) }));
  }

  #passOn(spilled: SpilledLine): void {
    if (spilled.client !== undefined) this.#byClient.add(spilled.client, lineText(spilled));
    // Each is alone: its line serves as well as any key.
    else this.#strangers.add(String(spilled.there?.lines[0] ?? ''), lineText(spilled));
  }
}

/** As `exchange/upstream-headers.ts` sends it. */
function clientIdOf({ callId, attempt }: LedgerLine): string {
  return `${callId}-${attempt}`;
}

/** A list that is read while calls are made may bring one twice, once while it ran: that it has ended says more. */
function unique(ours: readonly LedgerLine[]): LedgerLine[] {
  const found = new Map<string, LedgerLine>();
  for (const here of ours) {
    const id = clientIdOf(here);
    if (found.get(id)?.outcome === undefined) found.set(id, here);
  }
  return [...found.values()];
}

function paired(lines: readonly SpilledLine[]): SpilledLine {
  const [here] = unique(lines.flatMap((line) => line.here ?? []));
  const there = sumOf(lines.flatMap((line) => line.there ?? []));
  return { ...(here && { here }), ...(there && { there }) };
}

function sumOf(theirs: readonly StatementSum[]): StatementSum | undefined {
  const [first, ...others] = theirs;
  return first && others.reduce(summed, first);
}
