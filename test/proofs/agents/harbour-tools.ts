import { fileURLToPath } from 'node:url';

/** The server of `harbour.ts`, for agents that take tools from one. */
export const HARBOUR = {
  command: process.execPath,
  args: [fileURLToPath(new URL('harbour.ts', import.meta.url))],
} as const;

export const HARBOUR_TOOLS = ['read_tide', 'count_ships'] as const;

/** In it are words of both tools' names: a simulated model calls them both. */
export const HARBOUR_PROMPT = 'How high is the tide, and how many ships are there?';
