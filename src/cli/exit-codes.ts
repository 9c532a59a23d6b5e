/** What the process's exit code says. Scripts rely on these: a number never changes its meaning. */
export const EXIT = {
  ok: 0,
  /** A fault of ours, or of the machine. */
  unexpected: 1,
  /** The command line was wrong. */
  usage: 2,
  /** `leeward.yaml` was wrong. */
  config: 3,
  /** Not allowed: no key, a wrong one, or a file this user may not read. */
  auth: 4,
  /** A provider failed or refused. */
  upstream: 5,
  /** A budget or a limit refused. */
  budget: 6,
  notFound: 7,
  timeout: 8,
  /** It exists already, is in use, or was changed by somebody else. */
  conflict: 9,
  /** Done, but not with all of it: what was left is listed. */
  incomplete: 10,
  /** Two things that were compared differ. */
  difference: 11,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The table as `--help` prints it. */
export const EXIT_CODE_HELP = `Exit codes:
  0 ok   1 unexpected   2 usage   3 configuration invalid   4 not allowed   5 provider failed
  6 budget or limit   7 not found   8 timeout   9 conflict
  10 done in part   11 books differ   130 interrupted`;
