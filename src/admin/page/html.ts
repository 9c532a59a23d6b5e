import { visibleText } from '../../observability/format.ts';

class Html {
  readonly #safe: string;

  constructor(safe: string) {
    this.#safe = safe;
  }

  toString(): string {
    return this.#safe;
  }
}

/** Markup that is safe to send. Only {@link html} makes it, so that text cannot be taken for it by mistake. */
export type { Html };

export type HtmlPart = Html | string | number | undefined | readonly Html[];

/**
 * Markup with everything interpolated escaped, unless it is markup itself.
 * Safe between tags and inside quoted attributes; never put a part inside
 * `<script>`, `<style>` or an unquoted attribute.
 */
export function html(markup: TemplateStringsArray, ...parts: HtmlPart[]): Html {
  let text = markup[0] ?? '';
  parts.forEach((part, index) => {
    text += partText(part) + (markup[index + 1] ?? '');
  });
  return new Html(text);
}

function partText(part: HtmlPart): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.toString();
  if (Array.isArray(part)) return part.map((each: HtmlPart) => partText(each)).join('');
  return escaped(String(part));
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (char) => ESCAPES[char] ?? '');
}

/** Text that others wrote: what cannot be seen is spelled out, and its writing direction stays its own. */
export function foreign(text: string, charsMax?: number): Html {
  return html`<bdi>${visibleText(text, charsMax)}</bdi>`;
}
