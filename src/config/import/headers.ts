import { literal } from './draft.ts';
import type { Importer } from './importer.ts';
import type { SourcePart } from './source-part.ts';

/** Headers that never hold a secret; the value of any other becomes a variable. */
const HARMLESS = new Set([
  'anthropic-beta',
  'anthropic-version',
  'http-referer',
  'openai-beta',
  'openai-organization',
  'openai-project',
  'user-agent',
  'x-title',
]);

/** The transport's own, or the credential's: as `provider-findings.ts` and the provider set them. */
const NOT_OURS = new Set([
  'api-key',
  'authorization',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;
const VALUE_CHARS_MAX = 4_096;

/** Extra request headers, names in lower case. @param wanted begins the names of variables for their values */
export function headersOf(part: SourcePart, wanted: string, importer: Importer): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of part.members()) {
    const lower = name.toLowerCase();
    const text = value.text;
    if (!NAME.test(name) || text === undefined || text.length > VALUE_CHARS_MAX || /\p{Cc}/u.test(text)) {
      importer.ledger.left(value, 'this is no header with a text', 'write it below headers by hand');
    } else if (NOT_OURS.has(lower) || Object.hasOwn(headers, lower) || lower === '__proto__') {
      importer.ledger.left(value, `a "${lower}" header cannot be set here`, 'declare a key as api_key');
    } else {
      headers[lower] = headerText(value, lower, wanted, importer);
    }
  }
  return headers;
}

function headerText(value: SourcePart, name: string, wanted: string, importer: Importer): string {
  const reference = importer.reference(value, `the header ${name}`);
  if (reference !== undefined) return reference;
  const text = value.text ?? '';
  if (HARMLESS.has(name)) return literal(text);
  return importer.variables.forSecret(text, `${wanted}_${name}`, `the header ${name} that stood at ${value.place}`);
}
