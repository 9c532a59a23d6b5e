import { isObject } from '../json-object.ts';
import type { Seal } from '../seal.ts';
import type { Block } from './blocks.ts';
import { wrong } from './errors.ts';

/** @throws a refusal of a thought or a search result that this provider did not make, or not so */
export function refuseForeignSeals(blocks: readonly Block[], message: number, seal: Seal): void {
  blocks.forEach(({ type, object, text }, at) => {
    const path = `messages.${message}.content.${at}`;
    if (type === 'thinking' && !seal.vouches(text, String(object['signature']))) {
      throw wrong(path, 'Invalid `signature` in `thinking` block');
    }
    if (type === 'redacted_thinking' && seal.open('redacted', String(object['data'])) === undefined) {
      throw wrong(path, 'Invalid `data` in `redacted_thinking` block');
    }
    if (type === 'web_search_tool_result' && !searchResultsAreOurs(object['content'], seal)) {
      throw wrong(path, 'Invalid `encrypted_content` in `search_result` block');
    }
  });
}

function searchResultsAreOurs(content: unknown, seal: Seal): boolean {
  if (!Array.isArray(content)) return true;
  return content.every(
    (result: unknown) => isObject(result) && seal.open('search', String(result['encrypted_content'])) !== undefined,
  );
}
