/** Sixteen digits and more may be a number that JavaScript does not give back as it was written. */
const LONG_NUMBER = /\d{16}/;

/** Not yet among the types of the language's library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * Parses JSON so that `JSON.stringify` gives back each number as it came: ids
 * of 18 digits are common, and models write them without quotes.
 *
 * @throws SyntaxError
 */
export function parseExactly(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, keepNumber) : JSON.parse(text);
}

function keepNumber(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value;
}

/** The arguments that a tool's input is; a tool without input has the arguments `{}`. */
export function argumentsOf(input: unknown): string {
  return input === undefined || input === null ? '{}' : JSON.stringify(input);
}

/**
 * The input that a call's arguments are. Here it is always an object.
 *
 * @returns `undefined` where the arguments are no JSON object
 */
export function inputOf(text: string): object | undefined {
  const trimmed = text.trimStart();
  if (trimmed === '') return {};
  // A long number that is kept as it was written is an object too.
  if (trimmed[0] !== '{') return undefined;
  try {
    const value = parseExactly(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** How arguments are sent that are no JSON object: nothing of them is lost, and the API takes it. */
export function wrappedArguments(text: string): object {
  return { arguments: text };
}

/** The one argument of a tool whose argument is plain text, where tools have only objects. */
export const PLAIN_INPUT = 'input';

/** The plain text of a custom tool's call; what has another form is given as it is. */
export function plainInputOf(text: string): string {
  const plain = (inputOf(text) as Record<string, unknown> | undefined)?.[PLAIN_INPUT];
  return typeof plain === 'string' ? plain : text;
}
