import { isJson, type Json, numberOf, objectOf, objectsOf, textOf } from './json.ts';
import { argumentsOf, EMPTY_READING, type Reading, type ReadToolCall, type ReadUsage, sealsIn } from './reading.ts';
import type { StreamData } from './sse-text.ts';

/** What a whole answer of the Chat Completions family says in its first choice. */
export function readCompletion(completion: Json): Reading {
  const choices = objectsOf(completion['choices']);
  const [choice] = choices;
  if (choice === undefined) return { ...EMPTY_READING, error: errorText(completion) };
  const message = objectOf(choice['message']);
  const { text, thoughts } = contentOf(message['content']);
  const details = objectsOf(message['reasoning_details']);
  return {
    ...EMPTY_READING,
    text,
    reasoning: thoughts + reasoningOf(message, details),
    refusal: textOf(message['refusal']) ?? '',
    toolCalls: [...objectsOf(message['tool_calls']).map(toolCallOf), ...oldCall(message['function_call'])],
    ...sealsOfMessage(message, details),
    finish: textOf(choice['finish_reason']) || undefined,
    usage: chatUsage(usageIn(completion)),
    spoken: textOf(objectOf(message['audio'])['transcript']) ?? '',
    webCitations: webCitations(message['annotations'], completion),
    logprobs: objectsOf(objectOf(choice['logprobs'])['content']).length,
    choices: choices.length,
    error: isJson(completion['error']) ? errorText(completion) : undefined,
  };
}

/** Signatures and sealed thoughts in their order, and last those that stand on calls. */
function sealsOfMessage(
  message: Json,
  details: readonly Json[],
): Pick<Reading, 'signatures' | 'sealed' | 'foreignSeals'> {
  const found = details.map((detail) => {
    const signature = textOf(detail['signature']) ?? '';
    const data = detail['type'] === 'reasoning.encrypted' ? (textOf(detail['data']) ?? '') : '';
    if (!isAnthropic(detail)) return sealsIn('anyone', [signature, data]);
    return {
      ...sealsIn('anthropic-messages', [signature]),
      sealed: sealsIn('anthropic-messages', [data]).signatures,
    };
  });
  const calls = objectsOf(message['tool_calls']).map((call) => {
    const { google } = objectOf(call['extra_content']);
    return textOf(objectOf(google)['thought_signature']) ?? '';
  });
  const all = [...found, sealsIn('gemini', calls)];
  return {
    signatures: all.flatMap(({ signatures }) => signatures),
    sealed: all.flatMap(({ sealed }) => sealed),
    foreignSeals: all.flatMap(({ foreignSeals }) => foreignSeals),
  };
}

/** OpenRouter's way to say whose form a thought has. */
function isAnthropic(detail: Json): boolean {
  return detail['format'] === 'anthropic-claude-v1';
}

/** Mistral's content may be a list of parts, thoughts among them. */
function contentOf(content: unknown): { readonly text: string; readonly thoughts: string } {
  if (typeof content === 'string') return { text: content, thoughts: '' };
  const parts = objectsOf(content);
  const textIn = (value: unknown): string =>
    typeof value === 'string'
      ? value
      : objectsOf(value)
          .map((part) => textOf(part['text']) ?? '')
          .join('');
  return {
    text: parts
      .filter(({ type }) => type === 'text')
      .map(({ text }) => textOf(text) ?? '')
      .join(''),
    thoughts: parts
      .filter(({ type }) => type === 'thinking')
      .map(({ thinking }) => textIn(thinking))
      .join(''),
  };
}

/** The same thought may stand under several names: it is read once. */
function reasoningOf(message: Json, details: readonly Json[]): string {
  const detailed = details.map((detail) => textOf(detail['text']) ?? textOf(detail['summary']) ?? '').join('');
  return detailed || textOf(message['reasoning_content']) || textOf(message['reasoning']) || '';
}

function toolCallOf(call: Json): ReadToolCall {
  const named = objectOf(call['custom'] ?? call['function']);
  // A plain text is the one argument of such a tool elsewhere.
  if (isJson(call['custom'])) {
    return { id: textOf(call['id']) ?? '', name: textOf(named['name']) ?? '', arguments: { input: named['input'] } };
  }
  const said = named['arguments'] ?? named['input'];
  return {
    id: textOf(call['id']) ?? '',
    name: textOf(named['name']) ?? '',
    arguments: typeof said === 'string' ? argumentsOf(said) : (said ?? {}),
  };
}

function oldCall(value: unknown): ReadToolCall[] {
  return isJson(value) ? [toolCallOf({ function: value })] : [];
}

/** Perplexity and xAI name their pages beside the choices. */
function webCitations(annotations: unknown, completion: Json): string[] {
  const cited = objectsOf(annotations).flatMap((one) => textOf(objectOf(one['url_citation'])['url']) ?? []);
  if (cited.length > 0) return cited;
  const found = objectsOf(completion['search_results']).flatMap((one) => textOf(one['url']) ?? []);
  const { citations } = completion;
  if (found.length > 0 || !Array.isArray(citations)) return found;
  return citations.filter((url) => typeof url === 'string');
}

/** What a streamed answer says: its chunks put together, the first choice alone. */
export function readChunks(events: readonly StreamData[]): Reading {
  const message: Record<string, unknown> = {};
  const calls: Record<string, unknown>[] = [];
  const byIndex = new Map<number, Record<string, unknown>>();
  let usage: unknown;
  let pages: Json = {};
  let error: string | undefined;
  let finish: string | undefined;
  let logprobs = 0;
  const choices = new Set<number>();
  for (const { data } of events) {
    if (isJson(data['error'])) error = errorText(data);
    usage = usageIn(data) ?? usage;
    if (data['search_results'] !== undefined || data['citations'] !== undefined) pages = data;
    for (const choice of objectsOf(data['choices'])) {
      const index = numberOf(choice['index']) ?? 0;
      choices.add(index);
      if (index !== 0) continue;
      finish = textOf(choice['finish_reason']) || finish;
      logprobs += objectsOf(objectOf(choice['logprobs'])['content']).length;
      addDelta(message, objectOf(choice['delta'] ?? choice['message']));
      for (const piece of objectsOf(objectOf(choice['delta'])['tool_calls'])) addCall(calls, byIndex, piece);
    }
  }
  const whole = { ...message, tool_calls: calls };
  const reading = readCompletion({
    search_results: pages['search_results'],
    citations: pages['citations'],
    choices: [{ message: whole, finish_reason: finish }],
    usage,
  });
  return { ...reading, logprobs, choices: Math.max(1, choices.size), error };
}

function addDelta(message: Record<string, unknown>, delta: Json): void {
  for (const name of ['reasoning_content', 'reasoning', 'refusal']) {
    const more = textOf(delta[name]);
    if (more !== undefined) message[name] = (textOf(message[name]) ?? '') + more;
  }
  const spoken = textOf(objectOf(delta['audio'])['transcript']);
  if (spoken !== undefined) {
    message['audio'] = { transcript: (textOf(objectOf(message['audio'])['transcript']) ?? '') + spoken };
  }
  const { content } = delta;
  if (typeof content === 'string' && !Array.isArray(message['content'])) {
    message['content'] = (textOf(message['content']) ?? '') + content;
  } else if (typeof content === 'string' || Array.isArray(content)) {
    const before = message['content'];
    const parts = typeof before === 'string' ? [{ type: 'text', text: before }] : objectsOf(before);
    message['content'] = [...parts, ...(typeof content === 'string' ? [{ type: 'text', text: content }] : content)];
  }
  for (const name of ['reasoning_details', 'annotations']) {
    if (Array.isArray(delta[name])) message[name] = [...objectsOf(message[name]), ...objectsOf(delta[name])];
  }
}

/** Pieces with one index are one call, until another id says that a new one begins. */
function addCall(calls: Record<string, unknown>[], byIndex: Map<number, Record<string, unknown>>, piece: Json): void {
  const index = numberOf(piece['index']) ?? calls.length;
  const id = textOf(piece['id']);
  let call = byIndex.get(index);
  if (call === undefined || (id && call['id'] && id !== call['id'])) {
    call = { id, function: { name: '', arguments: '' } };
    calls.push(call);
    byIndex.set(index, call);
  }
  call['id'] ??= id;
  call['extra_content'] ??= piece['extra_content'];
  if (isJson(piece['custom']) || isJson(call['custom'])) {
    call['custom'] = addedTo(objectOf(call['custom']), objectOf(piece['custom']), 'input');
    return;
  }
  call['function'] = addedTo(objectOf(call['function']), objectOf(piece['function']), 'arguments');
}

function addedTo(before: Json, more: Json, said: 'arguments' | 'input'): Json {
  const name = textOf(before['name']) || (textOf(more['name']) ?? '');
  return { name, [said]: (textOf(before[said]) ?? '') + argumentText(more[said]) };
}

function argumentText(value: unknown): string {
  return isJson(value) ? JSON.stringify(value) : (textOf(value) ?? '');
}

/** Groq and Moonshot keep a stream's usage in places of their own. */
function usageIn(value: Json): Json | undefined {
  const usage =
    value['usage'] ??
    objectOf(value['x_groq'])['usage'] ??
    objectsOf(value['choices']).find(({ usage: own }) => isJson(own))?.['usage'];
  return isJson(usage) ? usage : undefined;
}

/** Reasoning that a provider counts beside the output, as its total tells, is output too. */
export function chatUsage(value: unknown): ReadUsage | undefined {
  if (!isJson(value)) return undefined;
  const ins = objectOf(value['prompt_tokens_details']);
  const outs = objectOf(value['completion_tokens_details']);
  const input = numberOf(value['prompt_tokens']);
  const output = numberOf(value['completion_tokens']);
  const reasoning = numberOf(outs['reasoning_tokens']) ?? numberOf(value['reasoning_tokens']);
  const beside = (reasoning ?? 0) > 0 && value['total_tokens'] === (input ?? 0) + (output ?? 0) + (reasoning ?? 0);
  return {
    input,
    cacheRead:
      numberOf(ins['cached_tokens']) ??
      numberOf(value['prompt_cache_hit_tokens']) ??
      numberOf(value['cached_tokens']) ??
      numberOf(value['num_cached_tokens']),
    cacheWrite: numberOf(ins['cache_write_tokens']),
    output: output === undefined ? undefined : output + (beside ? (reasoning ?? 0) : 0),
    reasoning,
  };
}

function errorText(value: Json): string {
  const { error } = value;
  if (typeof error === 'string') return error;
  const said = objectOf(error);
  return `${String(said['code'] ?? said['type'] ?? 'error')}: ${textOf(said['message']) ?? textOf(value['message']) ?? ''}`;
}
