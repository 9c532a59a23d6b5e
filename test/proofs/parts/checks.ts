/** One thing that a proof looked at. */
export interface Check {
  readonly title: string;
  readonly verdict: 'pass' | 'fail' | 'skip';
  /** What was found: a figure where it holds, what is wrong where it does not, why where it was skipped. */
  readonly detail: string;
}

const PROBLEMS_SHOWN = 4;
const MARKS: Readonly<Record<Check['verdict'], string>> = { pass: 'ok  ', fail: 'FAIL', skip: 'skip' };

/** The checks of one proof in the order they were made; each is told to the terminal at once. */
export class Checks {
  readonly all: Check[] = [];
  readonly #tell: (line: string) => void;

  /** @param tell stderr unless told, so that stdout can hold JSON alone */
  constructor(tell: (line: string) => void = (line) => console.error(line)) {
    this.#tell = tell;
  }

  get passed(): number {
    return this.all.filter(({ verdict }) => verdict === 'pass').length;
  }

  get failed(): readonly Check[] {
    return this.all.filter(({ verdict }) => verdict === 'fail');
  }

  /** Notes whether it holds. A miss does not stop the proof: what comes after it may tell more. */
  that(title: string, holds: boolean, detail = ''): void {
    this.#add({ title, verdict: holds ? 'pass' : 'fail', detail });
  }

  /** Holds when there are no problems; shows the first of them. */
  none(title: string, problems: readonly string[], detail = ''): void {
    const more = problems.length > PROBLEMS_SHOWN ? `; and ${problems.length - PROBLEMS_SHOWN} more` : '';
    const shown = `${problems.slice(0, PROBLEMS_SHOWN).join('; ')}${more}`;
    this.that(title, problems.length === 0, problems.length === 0 ? detail : shown);
  }

  /** Holds when there are cases and none of them has a problem. */
  each<Case>(title: string, cases: Iterable<Case>, problemsOf: (one: Case) => readonly string[]): void {
    const all = [...cases];
    if (all.length === 0) this.that(title, false, 'there was no case of it');
    else this.none(title, all.flatMap(problemsOf), `${all.length} cases`);
  }

  skip(title: string, why: string): void {
    this.#add({ title, verdict: 'skip', detail: why });
  }

  #add(check: Check): void {
    this.all.push(check);
    this.#tell(`${MARKS[check.verdict]}  ${check.title}${check.detail === '' ? '' : `: ${check.detail}`}`);
  }
}

/**
 * The last words of a proof: its figures and checks as JSON where asked, then
 * `N passed, N failed`.
 *
 * @returns the exit code: 0 only when something was checked and nothing failed
 */
export function conclude(checks: Checks, figures: Readonly<Record<string, unknown>>, json: boolean): number {
  const { passed, failed } = checks;
  if (json) {
    const told = { passed, failed: failed.length, figures, checks: checks.all };
    console.log(JSON.stringify(told, undefined, 2));
  }
  (json ? console.error : console.log)(`${passed} passed, ${failed.length} failed`);
  return failed.length === 0 && passed > 0 ? 0 : 1;
}
