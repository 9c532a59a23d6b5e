const PATTERN = /^[\x21-\x7e]{1,256}$/;

/** Whether a text can be a pattern of names: printable ASCII without spaces, at most 256 characters. */
export function isNamePattern(text: string): boolean {
  return PATTERN.test(text);
}

/**
 * Whether a pattern fits `provider/model`, whatever the case. A star stands for
 * any characters, slashes included; a pattern without a slash is about the
 * model's name alone, so that `gpt-4o` fits `openai/gpt-4o`.
 */
export function fitsModel(pattern: string, provider: string, model: string): boolean {
  return fitsName(pattern, pattern.includes('/') ? `${provider}/${model}` : model);
}

/**
 * Whether a pattern fits a whole name, whatever the case. At a mismatch only
 * the last star is tried again, so that no pattern takes more steps than its
 * length times the name's.
 */
export function fitsName(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = name.toLowerCase();
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < given.length; ) {
    if (wanted[at] === '*') {
      star = at++;
      resume = index;
    } else if (wanted[at] === given[index]) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else {
      return false;
    }
  }
  while (wanted[at] === '*') at++;
  return at === wanted.length;
}
