import { expect, test } from 'vitest';
import { inputOf } from './tool-input.ts';

test('a tool is called with an object, whose numbers stay as they were written', () => {
  expect(JSON.stringify(inputOf(' {"id":123456789012345678901}'))).toBe('{"id":123456789012345678901}');
  expect(inputOf('')).toEqual({});
});

test.each(['218922995834555169026', '[1]', '"x"', 'null', '{"a":', 'x'])('what is no object is none: %s', (text) => {
  expect(inputOf(text)).toBeUndefined();
});
