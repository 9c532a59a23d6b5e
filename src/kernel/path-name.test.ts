import { expect, test } from 'vitest';
import { pathName } from './path-name.ts';

test.each([
  ['gemini-2.5-flash', 'gemini-2.5-flash'],
  ['tunedModels/one', 'tunedModels/one'],
  ['a?x=1#y', 'a%3Fx%3D1%23y'],
  ['%2e%2e/x', '%252e%252e/x'],
  ['a\r\nx: 1\0', 'a%0D%0Ax%3A%201%00'],
  ['..x/...', '..x/...'],
  ['half \ud800', 'half%20%EF%BF%BD'],
])('%j stays within its own segments', (name, path) => {
  expect(pathName(name)).toBe(path);
  expect(new URL(`http://h/models/${path}:x`).pathname).toBe(`/models/${path}:x`);
});

test.each(['..', '.', '../x', 'a/../b', 'a/..', './x'])('%j is refused: it leads elsewhere', (name) => {
  expect(() => pathName(name)).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'model' }));
});
