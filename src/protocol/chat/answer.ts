import type { GatewayError } from '../../kernel/errors.ts';
import type { Usage } from '../usage.ts';
import type { Citation, ContentPart, HostedCallPart, HostedResultPart, OtherPart, Rest, Signature } from './content.ts';

/** Why an answer ended. Closed; what a provider calls otherwise is `other`, with its own word in `said`. */
export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  /** The context window is full, whatever bound the client set. */
  | 'context-length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  /** The provider paused a long turn: sent back as it is, it goes on. */
  | 'pause'
  | 'error'
  | 'other';

export interface Finish {
  readonly reason: FinishReason;
  /** The provider's own word. */
  readonly said?: string;
  readonly stopSequence?: string;
  /** More of why, by its dialect's names. */
  readonly rest?: Rest;
}

/** One token as it was chosen, and what might have been. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes?: readonly number[] | null;
  readonly top?: readonly Omit<TokenLogprob, 'top'>[];
}

/** A whole answer in no dialect. */
export interface ChatAnswer {
  readonly id?: string;
  /** As the provider names it. */
  readonly model?: string;
  /** Seconds since the epoch. */
  readonly createdAt?: number;
  readonly choices: readonly AnswerChoice[];
  readonly usage?: Usage;
  readonly serviceTier?: string;
  readonly rest?: Rest;
}

export interface AnswerChoice {
  readonly index: number;
  readonly parts: readonly ContentPart[];
  readonly finish: Finish;
  readonly logprobs?: readonly TokenLogprob[];
  readonly refusalLogprobs?: readonly TokenLogprob[];
  readonly rest?: Rest;
}

/**
 * What happens in a streamed answer, in order. Closed, noun before verb.
 *
 *     answer-start
 *       text-start        text-delta… citation-add…            part-end
 *       reasoning-start   reasoning-delta… signature-add       part-end
 *       refusal-start     refusal-delta…                       part-end
 *       tool-call-start   arguments-delta…                     part-end
 *       part-add          (a part that comes whole: redacted reasoning, a hosted tool's result, audio, what is not known)
 *       logprobs-add  usage-update  choice-finish
 *     answer-end
 *
 * Parts of a choice are numbered from 0 in the order in which they begin. A
 * dialect may have several open at once (parallel tool calls); a reader closes
 * each part before `choice-finish` and before the next part of another kind.
 * `usage-update` holds all that is known so far and replaces the one before.
 */
export type StreamEvent =
  | {
      readonly type: 'answer-start';
      readonly id?: string;
      readonly model?: string;
      readonly createdAt?: number;
      readonly serviceTier?: string;
      readonly rest?: Rest;
    }
  | (PartEvent & { readonly type: 'text-start'; readonly citations?: readonly Citation[] })
  | (PartEvent & { readonly type: 'text-delta'; readonly text: string })
  | (PartEvent & { readonly type: 'citation-add'; readonly citation: Citation })
  | (PartEvent & {
      readonly type: 'reasoning-start';
      readonly id?: string;
      readonly summary?: boolean;
      readonly rest?: Rest;
    })
  | (PartEvent & { readonly type: 'reasoning-delta'; readonly text: string })
  /** On a thought, a text or a tool call. `encrypted` seals the thought itself. */
  | (PartEvent & { readonly type: 'signature-add'; readonly signature: Signature; readonly encrypted?: boolean })
  | (PartEvent & { readonly type: 'refusal-start' })
  | (PartEvent & { readonly type: 'refusal-delta'; readonly text: string })
  | (PartEvent & {
      readonly type: 'tool-call-start';
      readonly kind: 'function' | 'custom';
      readonly id: string;
      readonly name: string;
      readonly rest?: Rest;
    })
  | (PartEvent & { readonly type: 'arguments-delta'; readonly text: string })
  /** A hosted tool is asked; what it is asked follows as `arguments-delta`. */
  | (PartEvent & { readonly type: 'hosted-call-start'; readonly call: HostedCallPart })
  | (PartEvent & { readonly type: 'part-add'; readonly content: ContentPart | HostedResultPart | OtherPart })
  | (PartEvent & { readonly type: 'part-end' })
  | {
      readonly type: 'logprobs-add';
      readonly choice: number;
      readonly of: 'text' | 'refusal';
      readonly logprobs: readonly TokenLogprob[];
    }
  | { readonly type: 'choice-finish'; readonly choice: number; readonly finish: Finish; readonly rest?: Rest }
  /** `rest` has the counts by the dialect's own names, all of them. */
  | { readonly type: 'usage-update'; readonly usage: Usage; readonly serviceTier?: string; readonly rest?: Rest }
  /** The provider is at work. */
  | { readonly type: 'ping' }
  | { readonly type: 'answer-error'; readonly error: GatewayError }
  | { readonly type: 'answer-end' };

interface PartEvent {
  readonly choice: number;
  readonly part: number;
}
