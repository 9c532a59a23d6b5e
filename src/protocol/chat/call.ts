import type { Dialect } from '../operation.ts';
import type { CacheMarker, ContentPart, HostedToolName, Rest } from './content.ts';

/**
 * A call for text, sound or tool calls, in no dialect: what a client of any of
 * them means. Whoever reads a dialect makes one; whoever writes a dialect says
 * it there, and names what it could not say. Unknown is `undefined`.
 */
export interface ChatCall {
  readonly model: string;
  /** In which dialect its client said it, so that what is lost can be named in the client's words. */
  readonly client?: Dialect;
  readonly stream: boolean;
  /** Instructions too, each where it stood: `system` first in dialects that keep them apart. */
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** False: at most one tool call in an answer. */
  readonly parallelToolCalls?: boolean;
  readonly responseFormat?: ResponseFormat;
  readonly sampling: Sampling;
  /** The most tokens of an answer, thoughts included. */
  readonly outputTokensMax?: number;
  readonly reasoning?: ReasoningWish;
  readonly verbosity?: 'low' | 'medium' | 'high';
  /** On the whole request: the provider puts the marker where it helps. */
  readonly cache?: CacheMarker;
  /** Requests that share it are more likely to find each other's cache. */
  readonly cacheKey?: string;
  /** By its client's name for it, such as `flex`; each dialect has its own. */
  readonly serviceTier?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Who uses the client's application, as the client names them. */
  readonly endUser?: string;
  readonly safetyIdentifier?: string;
  /** What the answer may consist of, where it is more than text. */
  readonly outputs?: readonly ('text' | 'audio' | 'image')[];
  readonly voice?: Readonly<Record<string, unknown>>;
  /** Text that the answer is likely to repeat. */
  readonly prediction?: readonly ContentPart[];
  readonly conversation?: Conversation;
  readonly rest?: Rest;
}

/** Tool results stand in messages of the user; thoughts and tool calls in those of the assistant. */
export interface ChatMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant';
  readonly parts: readonly ContentPart[];
  readonly name?: string;
  readonly rest?: Rest;
}

export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  /** JSON Schema; absent: no arguments. */
  readonly parameters?: unknown;
  readonly strict?: boolean;
  readonly cache?: CacheMarker;
  readonly rest?: Rest;
}

/** A tool of the client's whose argument is plain text, perhaps of a grammar. */
export interface CustomTool {
  readonly type: 'custom';
  readonly name: string;
  readonly description?: string;
  readonly format?: unknown;
  readonly cache?: CacheMarker;
  readonly rest?: Rest;
}

/** A tool of the provider's: its settings are its dialect's, but for those that several know. */
export interface HostedTool {
  readonly type: 'hosted';
  readonly tool: HostedToolName;
  /** By which name the model calls it, where that is said. */
  readonly name?: string;
  /** Of a search: only these sites, or all but these; where the user is; how much to read. */
  readonly allowedDomains?: readonly string[];
  readonly blockedDomains?: readonly string[];
  readonly userLocation?: Readonly<Record<string, string>>;
  readonly contextSize?: 'low' | 'medium' | 'high';
  readonly usesMax?: number;
  readonly cache?: CacheMarker;
  /** All of it as it came. */
  readonly source: Rest;
}

export type Tool = FunctionTool | CustomTool | HostedTool;

export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly name: string }
  /** Any of these, or `required`: at least one. */
  | { readonly type: 'allowed'; readonly names: readonly string[]; readonly required: boolean };

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema';
      readonly name?: string;
      readonly description?: string;
      readonly schema: unknown;
      readonly strict?: boolean;
    };

export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
  readonly logitBias?: Readonly<Record<string, number>>;
  /** How many likely alternatives of each token to tell, 0 for the token's own probability alone. */
  readonly logprobs?: number;
  readonly stop?: readonly string[];
  /** How many answers at once. */
  readonly choices?: number;
}

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** How much the model is to think, and what of it to show. */
export interface ReasoningWish {
  readonly effort?: ReasoningEffort;
  readonly budgetTokens?: number;
  /** `adaptive`: as much as the model sees fit. */
  readonly mode?: 'enabled' | 'disabled' | 'adaptive';
  readonly show?: 'full' | 'summary' | 'none';
  readonly rest?: Rest;
}

/** State that lies with a provider or with the gateway. */
export interface Conversation {
  readonly previousId?: string;
  readonly id?: string;
  readonly store?: boolean;
}
