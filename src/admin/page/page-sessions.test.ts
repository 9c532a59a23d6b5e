import { expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import { seededRandom } from '../../kernel/random.ts';
import { PageSessions } from './page-sessions.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function sessionsOnClock() {
  const clock = new VirtualClock();
  return { clock, sessions: new PageSessions(clock, seededRandom(7)) };
}

function claimed(sessions: PageSessions): string {
  const session = sessions.claim(sessions.issueClaim());
  if (session === undefined) throw new Error('a fresh link did not open');
  return session;
}

test('a link opens one session, once', () => {
  const { sessions } = sessionsOnClock();
  const token = sessions.issueClaim();
  expect(token).toMatch(/^[\w-]{43}$/);
  const session = sessions.claim(token);
  expect(session).toMatch(/^[\w-]{43}$/);
  expect(session).not.toBe(token);
  expect(sessions.isValid(session ?? '')).toBe(true);
  expect(sessions.claim(token)).toBeUndefined();
});

test('a token is no session and a session is no token', () => {
  const { sessions } = sessionsOnClock();
  expect(sessions.isValid(sessions.issueClaim())).toBe(false);
  expect(sessions.claim(claimed(sessions))).toBeUndefined();
});

test('what was never issued opens nothing', () => {
  const { sessions } = sessionsOnClock();
  const token = sessions.issueClaim();
  for (const wrong of ['', 'x', `${token}x`, token.slice(1), 'A'.repeat(43), 'é'.repeat(43)]) {
    expect(sessions.claim(wrong)).toBeUndefined();
    expect(sessions.isValid(wrong)).toBe(false);
  }
  expect(sessions.claim(token)).toBeDefined();
});

test('a link lasts ten minutes', async () => {
  const { clock, sessions } = sessionsOnClock();
  const inTime = sessions.issueClaim();
  const late = sessions.issueClaim();
  await clock.advance(10 * MINUTE - 1);
  expect(sessions.claim(inTime)).toBeDefined();
  await clock.advance(1);
  expect(sessions.claim(late)).toBeUndefined();
});

test('a session lasts twelve hours from its claim', async () => {
  const { clock, sessions } = sessionsOnClock();
  const session = claimed(sessions);
  await clock.advance(12 * HOUR - 1);
  expect(sessions.isValid(session)).toBe(true);
  await clock.advance(1);
  expect(sessions.isValid(session)).toBe(false);
  expect(clock.pendingTimers).toBe(0);
});

test('a hundred sessions are kept; one more pushes the oldest out', () => {
  const { sessions } = sessionsOnClock();
  const all = Array.from({ length: 100 }, () => claimed(sessions));
  expect(all.every((session) => sessions.isValid(session))).toBe(true);
  const newest = claimed(sessions);
  expect(all.map((session) => sessions.isValid(session)).filter((valid) => !valid)).toHaveLength(1);
  expect(sessions.isValid(all[0] ?? '')).toBe(false);
  expect(sessions.isValid(newest)).toBe(true);
});
