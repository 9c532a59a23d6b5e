import { expect, test } from 'vitest';
import { eventText } from './errors.ts';
import { keptAnswer } from './kept-answer.ts';

const ANSWER = { id: 'resp_1', object: 'response', status: 'completed', output: [] };

test('a whole answer is kept as it is, where it came to its end', () => {
  const keptOf = (answer: object) => keptAnswer(Buffer.from(JSON.stringify(answer)), false);
  expect(keptOf(ANSWER)).toEqual(ANSWER);
  expect(keptOf({ ...ANSWER, status: 'incomplete' })).toMatchObject({ status: 'incomplete' });
  expect(keptOf({ ...ANSWER, status: 'in_progress' })).toBeUndefined();
  expect(keptOf({ ...ANSWER, id: undefined })).toBeUndefined();
  expect(keptAnswer(Buffer.from('{'), false)).toBeUndefined();
});

test('a stream’s is the one that its last event repeats', () => {
  const keptOf = (...events: readonly string[]) => keptAnswer(Buffer.from(events.join('')), true);
  const last = eventText({ type: 'response.completed', response: ANSWER });
  expect(keptOf(eventText({ type: 'response.output_text.done', text: 'x' }), last)).toEqual(ANSWER);
  expect(keptOf(last, 'data: [DONE]\n\n')).toEqual(ANSWER);
  expect(keptOf(last.replaceAll('\n', '\r\n'))).toEqual(ANSWER);
  expect(keptOf(eventText({ type: 'response.failed', response: { ...ANSWER, status: 'failed' } }))).toBeUndefined();
  expect(keptOf(': nothing\n\n')).toBeUndefined();
});
