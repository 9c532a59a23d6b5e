import type { Finish, FinishReason } from '../../protocol/chat/answer.ts';
import { ownRest } from '../../providers/gemini/wire.ts';
import { gaveUp } from './gave-up.ts';

/** The words that Google's clients know. @see the `FinishReason` of @google/genai 3.1 */
const WORDS: ReadonlySet<string> = new Set([
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'IMAGE_SAFETY',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'IMAGE_PROHIBITED_CONTENT',
  'NO_IMAGE',
  'IMAGE_RECITATION',
  'IMAGE_OTHER',
]);

const WORD: Readonly<Record<Exclude<FinishReason, 'error'>, string>> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  'context-length': 'MAX_TOKENS',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'OTHER',
  other: 'OTHER',
};

/**
 * Why a candidate ended, in Google's words; its own where it was its own.
 *
 * @throws `upstream_error` for an answer that its provider gave up
 */
export function finishReason({ reason, said, rest }: Finish, parts: number): string {
  const own = said !== undefined && WORDS.has(said) ? said : undefined;
  if (reason === 'error' && (own === undefined || parts === 0)) throw gaveUp(`with the reason ${said ?? 'error'}`);
  if (own !== undefined && ownRest(rest)?.['promptFeedback'] === undefined) return own;
  return reason === 'error' ? 'OTHER' : WORD[reason];
}
