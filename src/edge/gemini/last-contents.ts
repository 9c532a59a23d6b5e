import { isObject } from '../request-object.ts';

/**
 * A shorter context: about the last `count` contents. The system's instruction
 * is none of them and stays. A function's response without its call would be
 * refused, and so would a conversation that begins with the model: the context
 * begins at the next content of the user that answers no call, and where none
 * is left, at the last one before.
 */
export function lastContents(contents: unknown, count: number): unknown {
  if (!Array.isArray(contents)) return contents;
  const wished = Math.max(0, contents.length - count);
  const after = contents.findIndex((content, at) => at >= wished && isBeginning(content));
  const from = after >= 0 ? after : contents.findLastIndex((content) => isBeginning(content));
  return from < 0 ? contents : contents.slice(from);
}

function isBeginning(content: unknown): boolean {
  if (!isObject(content)) return false;
  const { role, parts } = content;
  if (role !== undefined && role !== null && role !== '' && role !== 'user') return false;
  return !Array.isArray(parts) || !parts.some((part) => isObject(part) && isResponse(part));
}

function isResponse(part: Readonly<Record<string, unknown>>): boolean {
  return part['functionResponse'] !== undefined || part['function_response'] !== undefined;
}
