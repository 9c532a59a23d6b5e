import { defineConfig } from 'vitest/config';

/** The store's contract: these hold on the embedded engine and on a server Postgres, and run on both. */
const STORE_CONTRACT = [
  'src/store/queries.pg.test.ts',
  'src/store/bookings.pg.test.ts',
  'src/store/call-list-queries.pg.test.ts',
  'src/store/partitions.pg.test.ts',
  'src/store/kill.pg.test.ts',
  'src/store/journal/journal.pg.test.ts',
  'src/store/rollup/rollup.pg.test.ts',
  'src/store/usage-queries.pg.test.ts',
  'src/store/task-queries.pg.test.ts',
  'src/store/correction-queries.pg.test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    // A developer's own database is nobody's test.
    env: { DATABASE_URL: '' },
    projects: [
      {
        extends: true,
        test: {
          name: 'leeward',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'simulate/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'server', include: STORE_CONTRACT, globalSetup: 'test/support/server-store.ts' },
      },
    ],
  },
});
