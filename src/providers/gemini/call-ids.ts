import { createHash } from 'node:crypto';

/*
 * Many of Gemini's models name their calls by no id: which result belongs to
 * which call is told by their order. Everybody else needs one. What is made up
 * here begins so that it is known again, and is left out when the call goes
 * back to Gemini.
 */
const MADE_UP = 'call_gm_';
/** OpenAI's bound of an id is 40 characters. */
const SEED_CHARS_MAX = 24;
const PLAIN_SEED = /^[\w-]+$/;

/**
 * The id of a call that was given none: the same whenever the same answer is
 * read, and another one in each answer of a conversation.
 *
 * @param seed what names the answer; absent where the provider does not name it
 * @param index of the call among those of its answer
 */
export function madeUpCallId(seed: string | undefined, index: number): string {
  if (seed === undefined || seed === '') return `${MADE_UP}${index}`;
  const short = seed.length <= SEED_CHARS_MAX && PLAIN_SEED.test(seed) ? seed : hashOf(seed);
  return `${MADE_UP}${short}_${index}`;
}

/** Whether Gemini has never heard of a call's id. */
export function isMadeUpCallId(id: string): boolean {
  return id.startsWith(MADE_UP);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, SEED_CHARS_MAX);
}
