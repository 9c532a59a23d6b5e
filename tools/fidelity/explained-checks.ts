/** Where llmprobe's calls end up: at a provider that speaks the client's dialect, or this one alone. */
export type ProbedProvider = 'every dialect' | 'Chat Completions' | 'Messages' | 'Responses' | 'Gemini';

/** A check of llmprobe that fails over Leeward, and why it is right that it does. */
export interface ExplainedCheck {
  /** As llmprobe calls it. */
  readonly check: string;
  readonly over: readonly ProbedProvider[];
  /** Markdown, a sentence or two. */
  readonly why: string;
}

const TOLD =
  'The call goes on without it and says so in `x-leeward-warnings`; with `x-leeward-strict: true` it is a 400.';
const NO_JSON_MODE = `that dialect has no JSON mode without a schema. ${TOLD}`;
const NO_STOP = `that dialect has no stop sequences. ${TOLD}`;
const ONE_ANSWER = `that dialect gives one answer. ${TOLD}`;
const LEAST_16 = `that dialect takes no bound on the output below 16 tokens, so that 16 are asked for. ${TOLD}`;
const CALLS_AT_ONCE = `that dialect has no way to ask for one call at a time. ${TOLD}`;
const EVERYWHERE = ['every dialect', 'Chat Completions', 'Messages', 'Responses', 'Gemini'] as const;

export const explainedChecks: readonly ExplainedCheck[] = [
  { check: 'chat-json-mode', over: ['Messages'], why: NO_JSON_MODE },
  { check: 'chat-limits-max-tokens', over: ['Responses'], why: LEAST_16 },
  { check: 'chat-limits-stop', over: ['Responses'], why: NO_STOP },
  { check: 'chat-logprobs', over: ['Messages'], why: `that dialect tells no probabilities. ${TOLD}` },
  { check: 'chat-n-choices', over: ['Messages', 'Responses'], why: ONE_ANSWER },
  { check: 'chat-parallel-tools-off', over: ['Gemini'], why: CALLS_AT_ONCE },
  { check: 'chat-stop-string', over: ['Responses'], why: NO_STOP },
  {
    check: 'completions-basic',
    over: ['Messages', 'Responses', 'Gemini'],
    why: 'the legacy completions dialect is served where a provider speaks it, and is not translated.',
  },
  { check: 'messages-limits-max-tokens', over: ['Responses'], why: LEAST_16 },
  { check: 'messages-limits-stop', over: ['Responses'], why: NO_STOP },
  { check: 'messages-parallel-tools-off', over: ['Gemini'], why: CALLS_AT_ONCE },
  { check: 'messages-stop-sequence-echo', over: ['Responses'], why: NO_STOP },
  {
    check: 'responses-finish-length',
    over: ['every dialect', 'Responses'],
    why: "it bounds the output by one token, and OpenAI's API refuses what is below 16. So does the simulated provider.",
  },
  { check: 'responses-json-mode', over: ['Messages'], why: NO_JSON_MODE },
  { check: 'responses-parallel-tools-off', over: ['Gemini'], why: CALLS_AT_ONCE },
  {
    check: 'responses-previous-response-id',
    over: EVERYWHERE,
    why: 'the simulated provider gets the whole conversation, but is not clever enough to find a name in it.',
  },
  {
    check: 'responses-reasoning-effort-none',
    over: ['Gemini'],
    why: "the newer of Google's models cannot be kept from thinking; they are asked for the least.",
  },
  {
    check: 'responses-streaming',
    over: EVERYWHERE,
    why: "it waits for `data: [DONE]`, which OpenAI's API does not send in this dialect: its last event is `response.completed`.",
  },
];
