/**
 * A conversation by one vendor's official SDK, used as its documentation says:
 * what a model answered goes back as the SDK gave it, nothing is picked out of it.
 */
export interface DialectClient {
  readonly name: string;
  /** What the SDK throws when the provider is down. */
  readonly failure: new (
    ...args: never[]
  ) => Error;
  converse(settings: Settings): Conversation;
}

export interface Settings {
  /** As the gateway is asked for it. */
  readonly model: string;
  readonly streamed: boolean;
  /** Functions that take a city. */
  readonly tools?: readonly string[];
  /** Whether thoughts are asked for. */
  readonly thinks?: boolean;
}

export interface Conversation {
  /**
   * The user says something.
   *
   * @param png a picture to it, in base64
   */
  say(text: string, png?: string): Promise<Turn>;
  /** From now on another model is asked, with all that has been said. */
  moveTo(model: string): void;
  /** The calls of the last turn are answered, the last one first. */
  answerCalls(result: (name: string) => string): Promise<Turn>;
}

/** What a user of the SDK has in hand after a turn. */
export interface Turn {
  readonly text: string;
  readonly thought: string;
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[];
  /** Why it ended, in the dialect's own word. */
  readonly finish: string | undefined;
  readonly usage: { readonly input?: number | undefined; readonly output?: number | undefined };
  header(name: string): string | undefined;
  /** The whole answer, as the SDK gives it. */
  readonly answer: unknown;
}

export const PARAMETERS = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

/** A `fetch` that keeps the head of the last answer, which helpers for streams keep to themselves. */
export class Heads {
  last = new Headers();
  readonly fetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    this.last = response.headers;
    return response;
  };
}

/** Where a gateway is, for those who want to be its client. */
export interface Address {
  readonly url: string;
  readonly key: string;
}

export const OUTPUT_TOKENS_MAX = 4_000;
export const THOUGHT_TOKENS = 1_024;
