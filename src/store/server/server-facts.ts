import type pg from 'pg';

/** What decides whether a server can hold our state, and how safely. */
export interface ServerFacts {
  /** Such as `17.2`. */
  readonly version: string;
  readonly versionNumber: number;
  readonly encoding: string;
  readonly fsync: string;
  readonly synchronousCommit: string;
}

export const VERSION_MIN = 150_000;

const FACTS = `
select current_setting('server_version') as version, current_setting('server_version_num')::int4 as number,
  current_setting('server_encoding') as encoding, current_setting('fsync') as fsync,
  current_setting('synchronous_commit') as synchronous_commit`;

export async function serverFacts(client: pg.Client): Promise<ServerFacts> {
  const { rows } = await client.query<Record<string, unknown>>(FACTS);
  const row = rows[0] ?? {};
  return {
    version: String(row['version']),
    versionNumber: Number(row['number']),
    encoding: String(row['encoding']),
    fsync: String(row['fsync']),
    synchronousCommit: String(row['synchronous_commit']),
  };
}

/** Why the server cannot be used at all, with what to do. `undefined` when it can. */
export function unusable({ version, versionNumber, encoding }: ServerFacts): string | undefined {
  if (versionNumber < VERSION_MIN) return `the server is Postgres ${version}; Leeward needs 15 or later`;
  if (encoding !== 'UTF8')
    return `the database is encoded in ${encoding}; make one with "create database … encoding 'UTF8'"`;
  return undefined;
}

/** How an answered commit could still be lost, and what to do about it. */
export interface Risk {
  readonly what: string;
  readonly next: string;
}

export function risks({ fsync, synchronousCommit }: ServerFacts): Risk[] {
  const found: Risk[] = [];
  if (fsync !== 'on') {
    found.push({ what: `fsync is ${fsync}: a power cut can destroy the whole database`, next: 'set fsync = on' });
  }
  if (synchronousCommit === 'off') {
    const what = 'synchronous_commit is off: a crash of the server can lose the last commits, holds on budgets too';
    found.push({ what, next: 'set synchronous_commit = on for this database or role' });
  }
  return found;
}
