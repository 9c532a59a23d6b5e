import { expect, test } from 'vitest';
import { judgeErrorAnswer } from './judge.ts';

function judged(status: number, body: unknown) {
  return judgeErrorAnswer({ status, header: () => undefined, body: Buffer.from(JSON.stringify(body)) }, 'up', 0);
}

test("an error in a list of one is its provider's own, and handed on with its status", () => {
  const { error, relay } = judged(400, [{ error: { code: 400, message: 'API key not valid.' } }]);
  expect(relay).toBe(true);
  expect(error).toMatchObject({ code: 'invalid_request', status: 400 });
  expect(error.message).toContain('API key not valid.');
});

test('a list of anything else is no error of a provider', () => {
  expect(judged(400, [1])).toMatchObject({ relay: false, error: { status: 502 } });
  expect(judged(400, [])).toMatchObject({ relay: false });
});
