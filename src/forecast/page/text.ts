const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in HTML, in an attribute too. */
export function escaped(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (char) => ESCAPES[char] ?? '');
}
