import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { chatBody, curlLine, quoted } from './chat-request.ts';

test('a request is streamed, tells its usage, and takes other fields last', () => {
  const body = chatBody({
    model: 'm',
    prompt: 'p',
    system: 's',
    maxTokens: 5,
    fields: { temperature: 0, stream: false },
  });
  expect(JSON.parse(body)).toEqual({
    model: 'm',
    messages: [
      { role: 'system', content: 's' },
      { role: 'user', content: 'p' },
    ],
    max_tokens: 5,
    stream: false,
    stream_options: { include_usage: true },
    temperature: 0,
  });
});

describe('for a shell', () => {
  test.each(["it's", '$(rm -rf x) `y` "z"', 'a\nb', '\\', "''", '', 'ü☂'])(
    '%j comes out of it as it went in',
    (text) => {
      expect(execFileSync('/bin/sh', ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' })).toBe(text);
    },
  );

  test('a line names where the key is, and never the key', () => {
    expect(curlLine('http://127.0.0.1:1', '$LEEWARD_API_KEY', { a: 'b c' }, '{"x":1}')).toBe(
      `curl -sSN http://127.0.0.1:1/v1/chat/completions -H "Authorization: Bearer $LEEWARD_API_KEY" -H 'a: b c' -d '{"x":1}'`,
    );
  });
});
