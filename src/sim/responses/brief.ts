import type { Random } from '../../kernel/random.ts';
import type { CallContext } from '../dialect.ts';
import { pick } from '../draws.ts';
import type { SimChatModel } from '../models.ts';
import type { ResponsesRequest } from './request.ts';
import type { Turn } from './turn.ts';

/** What an answer is written from. */
export interface ComposeBrief {
  readonly request: ResponsesRequest;
  readonly turn: Turn;
  readonly model: SimChatModel;
  readonly context: CallContext;
  /** Everything the words hang on. */
  readonly seed: number;
  /** The user's own, to be repeated. */
  readonly words: readonly string[];
  /** Texts are at least so long. */
  readonly textTokensMin: number;
}

const ID_CHARS = 48;
const HEX = [...'0123456789abcdef'];

/** An id as OpenAI's are: what kind it names, and hexadecimal digits. */
export function idOf(prefix: string, random: Random): string {
  let digits = '';
  while (digits.length < ID_CHARS) digits += pick(random, HEX);
  return `${prefix}_${digits}`;
}

/** What an answer is about where it needs a word for it. */
export function subject({ words }: ComposeBrief): string {
  return words.join(' ') || 'news';
}
