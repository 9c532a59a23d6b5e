import { hashText } from '../draws.ts';
import { isObject } from '../json-object.ts';
import type { Seal } from '../seal.ts';
import { refusal } from './fields.ts';
import type { Item } from './items.ts';

/** What all encrypted content of OpenAI's begins with. */
const MARK = 'gAAAAAB';

/** A thought that nobody else can read, bound to its item. */
export function sealThought(seal: Seal, id: string, thought: string): string {
  return written(seal.close('reasoning', JSON.stringify({ id, thought })));
}

/** A conversation folded into an item of its own. */
export function sealConversation(seal: Seal, id: string, text: string): string {
  return written(seal.close('compaction', JSON.stringify({ id, thought: text })));
}

/**
 * What stands in the encrypted content of an item, `undefined` where it has none.
 *
 * @throws the 400 of content that this provider did not encrypt, or for another item
 */
export function openSealed({ type, object, id }: Item, seal: Seal): string | undefined {
  const sealed = object['encrypted_content'];
  if (typeof sealed !== 'string') return undefined;
  const kind = type === 'compaction' ? 'compaction' : 'reasoning';
  const opened = sealed.startsWith(MARK) ? seal.open(kind, sealed.slice(MARK.length)) : undefined;
  const named = id ?? `item_${hashText(sealed).toString(16)}`;
  if (opened === undefined) {
    throw unverified(named, 'Encrypted content could not be decrypted or parsed.');
  }
  const content: unknown = JSON.parse(opened);
  if (!isObject(content)) throw unverified(named, 'Encrypted content could not be decrypted or parsed.');
  if (id !== undefined && content['id'] !== id) {
    throw unverified(named, 'Encrypted content item_id did not match the target item id.');
  }
  return String(content['thought']);
}

function written(base64: string): string {
  return MARK + base64.replaceAll('+', '-').replaceAll('/', '_');
}

function unverified(id: string, reason: string): Error {
  return refusal(
    `The encrypted content for item ${id} could not be verified. Reason: ${reason}`,
    null,
    'invalid_encrypted_content',
  );
}
