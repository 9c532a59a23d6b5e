import type { GoldenCase } from './golden-cases.ts';

type UnknownCase = Omit<GoldenCase, 'derivation' | 'nanoUsd'>;

const CHAT = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
const MESSAGE = { input_tokens: 100, output_tokens: 10 };

/** What must have no cost at all: a price or a count is missing, and nothing may stand in for it. */
export const UNKNOWN_CASES: readonly UnknownCase[] = [
  { title: 'a model that nobody sells', vendor: 'openai', model: 'nonesuch-9', reader: 'openai', body: CHAT },
  {
    title: 'a service tier without a price',
    vendor: 'openai',
    model: 'gpt-4o',
    reader: 'openai',
    body: CHAT,
    beside: { service_tier: 'scale' },
  },
  {
    title: 'a batch of a model that has no batch price',
    vendor: 'x-ai',
    model: 'grok-4-0709',
    reader: 'openai',
    body: CHAT,
    extra: { batch: true },
  },
  {
    title: 'a tool whose fee is not known',
    vendor: 'anthropic',
    model: 'claude-haiku-4-5',
    reader: 'anthropic',
    body: { ...MESSAGE, server_tool_use: { code_execution_requests: 1 } },
  },
  {
    title: 'searches of a model that has no price for them',
    vendor: 'google',
    model: 'gemini-2.5-flash',
    reader: 'openai',
    body: CHAT,
    extra: { quantities: { 'web-searches': 1 } },
  },
  {
    title: 'sound, where the price of text alone is known',
    vendor: 'openai',
    model: 'gpt-4o-audio-preview',
    reader: 'openai',
    body: { ...CHAT, prompt_tokens_details: { audio_tokens: 50 } },
  },
  {
    title: 'an output that was not counted',
    vendor: 'openai',
    model: 'gpt-4o',
    reader: 'openai',
    body: { prompt_tokens: 100, completion_tokens: -1 },
  },
  {
    title: 'an input that was not counted',
    vendor: 'anthropic',
    model: 'claude-haiku-4-5',
    reader: 'anthropic',
    body: { output_tokens: 10 },
  },
  {
    title: 'a size of picture that is not sold',
    vendor: 'openai',
    model: 'dall-e-3',
    reader: 'quantities',
    body: { 'images:2048x2048:hd': 1 },
  },
];
