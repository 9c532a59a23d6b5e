import type { Dialect } from '../operation.ts';

/**
 * What one dialect said of a part beyond this vocabulary, by its own names. It
 * goes back to the same dialect as it came and to no other one: whoever writes
 * another dialect names each field of it as lost.
 */
export interface Rest {
  readonly dialect: Dialect;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What is before it may be read from the provider's cache the next time. */
export interface CacheMarker {
  /** Absent: as long as the provider keeps things by default. */
  readonly ttl?: '5m' | '30m' | '1h' | '12h' | '24h';
}

/** Where a picture, a sound, a film or a document is. */
export type MediaSource =
  | { readonly kind: 'bytes'; readonly mediaType: string | undefined; readonly base64: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  /** It lies at the provider that knows this id, and at no other one. */
  | { readonly kind: 'stored'; readonly id: string; readonly dialect: Dialect; readonly mediaType?: string }
  | { readonly kind: 'text'; readonly text: string; readonly mediaType?: string }
  /** A document that is made of parts. */
  | { readonly kind: 'parts'; readonly parts: readonly ContentPart[] };

interface PartBase {
  readonly cache?: CacheMarker;
  readonly rest?: Rest;
}

export interface TextPart extends PartBase {
  readonly type: 'text';
  readonly text: string;
  readonly citations?: readonly Citation[];
  /** What the provider wants back with this text, unread: a thought's signature that stands on text. */
  readonly signature?: Signature;
}

export interface ImagePart extends PartBase {
  readonly type: 'image';
  readonly source: MediaSource;
  readonly detail?: 'low' | 'high' | 'auto' | 'original';
}

export interface AudioPart extends PartBase {
  readonly type: 'audio';
  readonly source: MediaSource;
  /** As OpenAI names it, such as `wav`. */
  readonly format?: string;
  readonly transcript?: string;
  /** When the provider forgets the sound that `source` names, seconds since the epoch. */
  readonly expiresAt?: number;
}

export interface VideoPart extends PartBase {
  readonly type: 'video';
  readonly source: MediaSource;
}

/** A document: PDF, plain text, or parts of its own. */
export interface FilePart extends PartBase {
  readonly type: 'file';
  readonly source: MediaSource;
  readonly name?: string;
  /** What the document is about, where the dialect keeps that apart from it. */
  readonly context?: string;
  /** Whether an answer may cite it. */
  readonly citable?: boolean;
}

/** A passage that a search of the client's own found, so that an answer may cite it. */
export interface SearchResultPart extends PartBase {
  readonly type: 'search-result';
  readonly title: string;
  readonly source: string;
  readonly parts: readonly ContentPart[];
  readonly citable?: boolean;
}

/** In the result of a client's own search for tools: one that it found, and that the model may call from here on. */
export interface ToolReferencePart extends PartBase {
  readonly type: 'tool-reference';
  readonly name: string;
}

/** The model asks the client to run a tool. */
export interface ToolCallPart extends PartBase {
  readonly type: 'tool-call';
  /** `function`: the arguments are JSON. `custom`: they are plain text. */
  readonly kind: 'function' | 'custom';
  readonly id: string;
  readonly name: string;
  /** As the model wrote them, perhaps not quite JSON; an empty text is a call without arguments. */
  readonly arguments: string;
  readonly signature?: Signature;
}

export interface ToolResultPart extends PartBase {
  readonly type: 'tool-result';
  readonly callId: string;
  readonly name?: string;
  readonly parts: readonly ContentPart[];
  readonly isError?: boolean;
}

/** What a provider signed or sealed so that only it can read or check it. Worth something at its maker alone. */
export interface Signature {
  readonly value: string;
  /** Whose it is: the dialect in which it was first given out. */
  readonly dialect: Dialect;
}

/** What a model thought before it answered. */
export interface ReasoningPart extends PartBase {
  readonly type: 'reasoning';
  /** Absent where the provider shows nothing of it. */
  readonly text?: string;
  /** Whether the text is a summary of the thought and not the thought. */
  readonly summary?: boolean;
  readonly id?: string;
  /** Proves to its provider that the text is its own. */
  readonly signature?: Signature;
  /** The whole thought, readable for its provider alone. */
  readonly encrypted?: Signature;
}

/** A thought that the provider holds back from everybody but itself. */
export interface RedactedReasoningPart extends PartBase {
  readonly type: 'redacted-reasoning';
  readonly data: Signature;
}

export interface RefusalPart extends PartBase {
  readonly type: 'refusal';
  readonly text: string;
}

/** Tools that run at the provider. Closed; what is none of them is `other`. */
export type HostedToolName =
  | 'web-search'
  | 'web-fetch'
  | 'code-execution'
  | 'file-search'
  | 'computer'
  | 'text-editor'
  | 'shell'
  | 'memory'
  | 'tool-search'
  | 'image-generation'
  | 'mcp'
  | 'advisor'
  | 'other';

/** The provider ran a tool of its own: what it asked it. */
export interface HostedCallPart extends PartBase {
  readonly type: 'hosted-call';
  readonly tool: HostedToolName;
  readonly id: string;
  /** As the provider calls the tool. */
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  /** The whole block as it came, for its own dialect: there it is sent back unchanged. */
  readonly source: Rest;
}

/** And what the tool answered. */
export interface HostedResultPart extends PartBase {
  readonly type: 'hosted-result';
  readonly tool: HostedToolName;
  readonly callId: string;
  readonly source: Rest;
}

/** A part that is not known here: its dialect takes it back as it came, and no other does. */
export interface OtherPart extends PartBase {
  readonly type: 'other';
  /** What its dialect calls it. */
  readonly name: string;
  readonly source: Rest;
}

export type ContentPart =
  | TextPart
  | ImagePart
  | AudioPart
  | VideoPart
  | FilePart
  | SearchResultPart
  | ToolReferencePart
  | ToolCallPart
  | ToolResultPart
  | ReasoningPart
  | RedactedReasoningPart
  | RefusalPart
  | HostedCallPart
  | HostedResultPart
  | OtherPart;

/** What a text rests on. */
export interface Citation {
  readonly kind: 'characters' | 'pages' | 'blocks' | 'search-result' | 'web' | 'other';
  readonly url?: string;
  readonly title?: string;
  readonly quote?: string;
  /** Which of the request's documents, from 0. */
  readonly document?: number;
  /** Where in the source: characters from 0, pages from 1, blocks from 0; the end is not part of it. */
  readonly start?: number;
  readonly end?: number;
  /** Where in the answer's text it is meant to stand, where the dialect says so. */
  readonly textStart?: number;
  readonly textEnd?: number;
  /** The citation as it came. */
  readonly source: Rest;
}
