import type { JsonObject } from '../json-object.ts';
import type { AnswerItem } from './answer.ts';

/** Something that was found, to be said in the answer, with what says where it is from. */
export interface Passage {
  readonly text: string;
  readonly annotation?: (start: number, end: number) => JsonObject;
}

/** A tool of the provider's that ran. */
export interface HostedRun {
  readonly items: readonly AnswerItem[];
  readonly passages: readonly Passage[];
  /** Whether it is the client's turn now. */
  readonly waits?: true;
}
