import { expect, test } from 'vitest';
import { foreign, html } from './html.ts';

test('everything interpolated is escaped, between tags and in attributes', () => {
  const hostile = `</b><script>alert('1')</script>" onload="x" \`&amp;`;
  expect(html`<b title="${hostile}">${hostile}</b>`.toString()).toBe(
    '<b title="&lt;/b&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onload=&quot;x&quot; &#96;&amp;amp;">' +
      '&lt;/b&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onload=&quot;x&quot; &#96;&amp;amp;</b>',
  );
});

test('markup nests, numbers print, the absent leaves nothing', () => {
  const items = ['<', '>'].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}</ul>${7}${undefined}`.toString()).toBe('<ul><li>&lt;</li><li>&gt;</li></ul>7');
});

test('what only looks like markup is not', () => {
  const forged = { toString: () => '<script>' } as unknown as string;
  expect(html`${forged}`.toString()).toBe('&lt;script&gt;');
});

test('foreign text keeps its direction to itself and shows what cannot be seen', () => {
  expect(foreign('gpt\u202e<4\u001b[31m').toString()).toBe('<bdi>gpt\\u{202e}&lt;4\\u{001b}[31m</bdi>');
});
