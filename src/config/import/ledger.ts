import type { ConfigPath } from '../problem.ts';
import type { SourcePart } from './source-part.ts';

export interface CarriedPart {
  /** The place in the source, as in `model_list[0].litellm_params.model`. */
  readonly from: string;
  /** Counts from 1. */
  readonly line: number;
  /** The place in `leeward.yaml`. */
  readonly to: string;
}

export interface LeftPart {
  readonly from: string;
  readonly line: number;
  /** What was not carried over, and why. */
  readonly why: string;
  /** What to do about it. */
  readonly instead: string;
}

interface Entry<Fact> {
  readonly path: ConfigPath;
  readonly place: string;
  readonly fact: Fact;
}

/** A section is told key by key; deeper down one line stands for all of something unknown. */
const OPEN_DEPTH = 2;

/**
 * What became of each part of the source. Whatever no reader accounted for is
 * found by `sweep`, so that nothing is lost without being named: a reader can
 * forget a field, but the list cannot.
 */
export class Ledger {
  readonly #carried: Entry<string>[] = [];
  readonly #left: Entry<{ why: string; instead: string }>[] = [];
  /** Paths accounted for, with everything below them. */
  readonly #marks = new Set<string>();
  /** Paths that have such a path below them. */
  readonly #above = new Set<string>();

  carried(from: SourcePart, to: string): void {
    if (!from.present) return;
    this.#mark(from.path);
    this.#carried.push({ path: from.path, place: from.place, fact: to });
  }

  /** Says once for each place that something was left, also where a part of it was carried. */
  left(from: SourcePart, why: string, instead: string): void {
    if (!from.present) return;
    this.#mark(from.path);
    this.#left.push({ path: from.path, place: from.place, fact: { why, instead } });
  }

  /** For what says nothing that would have to be kept, such as a name that only others refer to. */
  noted(from: SourcePart): void {
    if (from.present) this.#mark(from.path);
  }

  /** Leaves everything below `root` that nobody accounted for. */
  sweep(root: SourcePart, why: string, instead: string): void {
    if (this.#marks.has(keyOf(root.path))) return;
    for (const child of root.children()) {
      if (!child.present || this.#marks.has(keyOf(child.path))) continue;
      const open = child.isMapping && child.path.length < OPEN_DEPTH;
      if (open || this.#above.has(keyOf(child.path))) this.sweep(child, why, instead);
      else this.left(child, why, instead);
    }
  }

  /** In the order of the source. */
  carriedParts(lineOf: (path: ConfigPath) => number): CarriedPart[] {
    return this.#carried
      .map(({ path, place, fact }) => ({ from: place, line: lineOf(path), to: fact }))
      .sort((a, b) => a.line - b.line);
  }

  /** In the order of the source, each said once. */
  leftParts(lineOf: (path: ConfigPath) => number): LeftPart[] {
    const seen = new Set<string>();
    return this.#left
      .map(({ path, place, fact }) => ({ from: place, line: lineOf(path), ...fact }))
      .filter((part) => {
        const identity = JSON.stringify(part);
        if (seen.has(identity)) return false;
        seen.add(identity);
        return true;
      })
      .sort((a, b) => a.line - b.line);
  }

  #mark(path: ConfigPath): void {
    this.#marks.add(keyOf(path));
    for (let length = 0; length < path.length; length++) this.#above.add(keyOf(path.slice(0, length)));
  }
}

function keyOf(path: ConfigPath): string {
  return JSON.stringify(path);
}
