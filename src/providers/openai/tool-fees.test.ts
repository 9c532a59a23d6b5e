import { expect, test } from 'vitest';
import { responsesToolFees } from './tool-fees.ts';

test('searches and runs of hosted tools are counted, pages that were opened are not', () => {
  expect(
    responsesToolFees([
      { type: 'reasoning' },
      { type: 'web_search_call', action: { type: 'search', query: 'x' } },
      { type: 'web_search_call', action: { type: 'open_page', url: 'https://x.example' } },
      { type: 'web_search_call' },
      { type: 'file_search_call' },
      { type: 'code_interpreter_call' },
      { type: 'constructor' },
      null,
    ]),
  ).toEqual({ 'web-searches': 2, 'file-searches': 1, 'code-executions': 1 });
  expect(responsesToolFees([{ type: 'message' }])).toBeUndefined();
  expect(responsesToolFees(undefined)).toBeUndefined();
});
