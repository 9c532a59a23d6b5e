import type { Dialect } from '../../../src/protocol/operation.ts';

/** Token counts of a turn, over all of its calls. */
export interface Tokens {
  /** All input, whether read from the provider's cache, written to it or neither. */
  readonly input: number;
  readonly cached: number;
  /** Thoughts included. */
  readonly output: number;
}

export interface ToldCall {
  readonly name: string;
  result?: string;
  isError?: boolean;
}

/** What an agent says of a turn that it took. */
export interface ToldTurn {
  /** It ended with 0, and says that the turn is complete. */
  readonly succeeded: boolean;
  readonly text: string;
  /** Each call of a tool by its id, with what came of it; absent: nothing did. */
  readonly toolCalls: ReadonlyMap<string, ToldCall>;
  /** Absent: it never shows what the model thinks. */
  readonly thoughtChars?: number;
  readonly tokens: Tokens;
  /** The end of what its program said, for whoever looks for the reason. */
  readonly said: string;
}

export interface TurnOptions {
  readonly program: string;
  /** A folder of its own, where it finds its home and what it works on. */
  readonly scratch: string;
  readonly gatewayUrl: string;
  readonly key: string;
  readonly model: string;
  readonly prompt: string;
  /** The only tools that it has, and may use unasked. Absent: as it is used every day. */
  readonly tools: readonly string[] | undefined;
}

/** Where a program comes from. None of them is part of Leeward. */
export interface AgentProgram {
  /** The release that the proof is known to hold for. */
  readonly package: string;
  readonly command: string;
}

export interface Scene {
  readonly title: string;
  /** What the provider speaks, which is never what the agent speaks. */
  readonly over: Dialect;
  /** The simulated model. Absent: the one that thinks. */
  readonly simulated?: string;
  readonly prompt: string;
  readonly tools: readonly string[] | undefined;
}

/** A program that works by calling a model and running the tools that the model calls. */
export interface Agent extends AgentProgram {
  readonly name: string;
  readonly dialect: Dialect;
  /** A name that it knows; the gateway leads it to the simulator. */
  readonly model: string;
  readonly scenes: readonly [Scene, ...Scene[]];
  /** One turn without a terminal, in a home and a folder of its own, with nothing to talk to but the gateway. */
  takeTurn(options: TurnOptions): Promise<ToldTurn>;
}
