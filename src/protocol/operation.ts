/** What can be asked of a model. Closed: money, routing and metrics enumerate it. */
export const OPERATIONS = [
  'chat',
  'embed',
  'image',
  'speech',
  'transcribe',
  'video',
  'rerank',
  'moderate',
  'realtime',
] as const;

export type Operation = (typeof OPERATIONS)[number];

/** The wire formats a client may speak. A native lane exists where a target speaks the same one. */
export const DIALECTS = [
  'openai-chat',
  'openai-completions',
  'openai-embeddings',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'gemini-embeddings',
] as const;

export type Dialect = (typeof DIALECTS)[number];
