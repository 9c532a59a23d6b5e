/**
 * What an answer says, in no dialect, as a reader finds it: that of the
 * recording, independent of the product, or an official client's. Two readings
 * of one answer are compared member by member.
 */
export interface Reading {
  /** All text of the first choice, joined. */
  readonly text: string;
  /** All of what the model thought, joined, summaries too. */
  readonly reasoning: string;
  readonly refusal: string;
  /** What was said aloud, as a text. */
  readonly spoken: string;
  /** In the order in which they were begun. */
  readonly toolCalls: readonly ReadToolCall[];
  /** Anthropic's, which are worth something at their maker alone, in order. */
  readonly signatures: readonly string[];
  /** Thoughts that only Anthropic can read. */
  readonly sealed: readonly string[];
  /** What other makers signed or sealed, in order. */
  readonly foreignSeals: readonly string[];
  /** The same of texts, which not every client has a place for. */
  readonly textSeals: readonly string[];
  /** Thoughts that carry nothing at all where a signature must stand. */
  readonly bareThoughts: number;
  /** The dialect's own word. */
  readonly finish: string | undefined;
  readonly usage: ReadUsage | undefined;
  /** Addresses of the web that the text cites. */
  readonly webCitations: readonly string[];
  /** Passages of the request's own documents that it cites. */
  readonly documentCitations: number;
  /** What a provider did with tools of its own: types of its blocks, in order. */
  readonly hosted: readonly string[];
  /** Chosen tokens whose probability is told. */
  readonly logprobs: number;
  readonly choices: number;
  /** An error in the place of an answer, or inside its stream. */
  readonly error: string | undefined;
  readonly stopSequence: string | undefined;
}

export interface ReadToolCall {
  readonly id: string;
  readonly name: string;
  /** As a value; what is no JSON stays its text. */
  readonly arguments: unknown;
}

/** Tokens. `input` is all of it, `output` too. Unknown is `undefined`. */
export interface ReadUsage {
  readonly input: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly output: number | undefined;
  readonly reasoning: number | undefined;
}

/** What a tool is called with: an empty text is no arguments. */
export function argumentsOf(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    // A model may write arguments that are none: they are compared as they stand.
    return text;
  }
}

export const EMPTY_READING: Reading = {
  text: '',
  reasoning: '',
  refusal: '',
  spoken: '',
  toolCalls: [],
  signatures: [],
  sealed: [],
  foreignSeals: [],
  textSeals: [],
  bareThoughts: 0,
  finish: undefined,
  usage: undefined,
  webCitations: [],
  documentCitations: 0,
  hosted: [],
  logprobs: 0,
  choices: 1,
  error: undefined,
  stopSequence: undefined,
};

/** How Leeward carries the seal of another maker: what follows the last mark is the seal. */
const CARRIED = /^leeward-unsigned:([a-z-]+):([a-z]+)(?:~[\w-]*)?:/;
const MARK = 'leeward-unsigned';

/** Seals told apart by their makers; the mark that stands for none is left out. */
export function sealsOf(seals: readonly string[]): { readonly own: string[]; readonly foreign: string[] } {
  const own = seals.filter((seal) => seal !== '' && !seal.startsWith(MARK));
  const carried = seals.filter((seal) => CARRIED.test(seal)).map((seal) => seal.replace(CARRIED, ''));
  // A thought that its maker named and did not sign has a mark with nothing behind it.
  const foreign = carried.filter((seal) => seal !== '');
  return { own, foreign };
}

/** The same in a dialect that has one place for seals of every kind: what Anthropic signed and sealed apart from all else. */
export function sealsIn(
  carrier: string,
  seals: readonly string[],
): Pick<Reading, 'signatures' | 'sealed' | 'foreignSeals'> {
  const signatures: string[] = [];
  const sealed: string[] = [];
  const foreignSeals: string[] = [];
  for (const seal of seals) {
    const [head, maker, what] = CARRIED.exec(seal) ?? [];
    const value = head === undefined ? seal : seal.slice(head.length);
    if (value === '' || (head === undefined && seal.startsWith(MARK))) continue;
    const own = maker ?? carrier;
    if (own !== 'anthropic-messages') foreignSeals.push(value);
    else if (what === 'redacted') sealed.push(value);
    else signatures.push(value);
  }
  return { signatures, sealed, foreignSeals };
}
