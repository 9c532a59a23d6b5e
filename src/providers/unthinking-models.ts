/**
 * Models that answer without thinking first, and whose providers refuse a
 * request that asks them to, by the names their vendors give them (OpenAI's and
 * Anthropic's lists of models, as of 2026). What is not here may think.
 */
const NAMES =
  /^(?:gpt-3\.5|gpt-4(?:$|-turbo|-\d|o|\.1|-32k|-vision)|chatgpt-4o|claude-2|claude-instant|claude-3-(?:opus|sonnet|haiku|5)|claude-3\.5)/;

/** @param model by any provider's name for it, such as `openai/gpt-4o` at one that sells many vendors' */
export function neverThinks(model: string): boolean {
  return NAMES.test(model.slice(model.lastIndexOf('/') + 1).toLowerCase());
}
