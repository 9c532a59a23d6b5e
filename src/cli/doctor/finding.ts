/** One thing that was looked at. */
export interface Finding {
  /** In a word or two, such as `disk` or `provider openai`. */
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly detail: string;
  /** What to do about it; absent when all is well. */
  readonly next?: string;
}

export function ok(check: string, detail: string): Finding {
  return { check, status: 'ok', detail };
}

export function warn(check: string, detail: string, next: string): Finding {
  return { check, status: 'warn', detail, next };
}

export function fail(check: string, detail: string, next: string): Finding {
  return { check, status: 'fail', detail, next };
}
