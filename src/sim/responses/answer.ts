import type { JsonObject } from '../json-object.ts';
import type { Piece } from '../tokenizer.ts';

/** A thought. Its pieces are shown only as the summary, where one is wanted. */
export interface ReasoningItem {
  readonly kind: 'reasoning';
  readonly id: string;
  readonly pieces: readonly Piece[];
  /** The parts of the summary: the same pieces, split up. Empty where none is wanted. */
  readonly summary: readonly (readonly Piece[])[];
}

/** Something that a message's text rests on, said after so many of its characters. */
export interface Annotation {
  readonly afterChars: number;
  readonly object: JsonObject;
}

export interface MessageItem {
  readonly kind: 'message';
  readonly id: string;
  readonly part: 'output_text' | 'refusal';
  readonly pieces: readonly Piece[];
  readonly annotations: readonly Annotation[];
}

/** An event about an item that carries none of its text, as in `response.web_search_call.searching`. */
export interface Progress {
  readonly event: string;
  readonly members?: JsonObject;
}

/** A call: of a tool of the client's, or of one of the provider's with what it found. */
export interface CallItem {
  readonly kind: 'call';
  readonly id: string;
  readonly type: string;
  /** What is known when it begins, without id, type and status. */
  readonly first: JsonObject;
  /** What is known when it ends, without id, type, status and `body`. */
  readonly last: JsonObject;
  /** Whether such items say how far they are. */
  readonly status: boolean;
  readonly headTokens: number;
  readonly before: readonly Progress[];
  /** What the model writes of it: its member, and the events that stream it. */
  readonly body?: { readonly member: string; readonly event: string; readonly pieces: readonly Piece[] };
  readonly after: readonly Progress[];
  /** What was found, as the model reads it. */
  readonly found: string;
}

export type AnswerItem = ReasoningItem | MessageItem | CallItem;

/** An answer as far as it came. */
export interface Answer {
  readonly items: readonly AnswerItem[];
  /** Why it did not come to its end; its last item is incomplete then. */
  readonly incomplete?: 'max_output_tokens' | 'content_filter';
  /** Thoughts included. */
  readonly tokens: number;
  readonly reasoningTokens: number;
}

/** Events that only say how far a call is. */
export function progress(type: string, ...states: readonly string[]): Progress[] {
  return states.map((state) => ({ event: `response.${type}.${state}` }));
}
