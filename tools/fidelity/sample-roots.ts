/** Made-up types, to prove that a field which no row speaks of is found. */

interface Text {
  type: 'text';
  text: string;
}

interface Sound {
  type: 'sound';
  source: { type: 'bytes'; data: string } | { type: 'url'; url: string };
}

interface Base {
  model: (string & {}) | 'big' | 'small';
  seed?: number | null;
  metadata?: { [key: string]: string } | null;
  messages: Array<{ role: 'user'; content: string | Array<Text | Sound> } | { role: 'assistant'; content: string }>;
  options?: { usage?: boolean } | null;
}

export type Sample = Base;

/** The same, after the vendor has added to it in five places. */
export interface Grown extends Omit<Base, 'messages' | 'options'> {
  voice?: string;
  messages: Array<
    | { role: 'user'; content: string | Array<(Text & { mark?: boolean }) | Sound | { type: 'film'; film: string }> }
    | { role: 'assistant'; content: string }
    | { role: 'critic'; content: string }
  >;
  options?: { usage?: boolean; padding?: boolean } | null;
}

/** Parts that are told apart by which member they have. */
export interface Parted {
  parts?: Array<{ text?: string; call?: { name: string }; film?: { url: string }; mark?: string }>;
}
