import type { ReadRequest } from '../dialect.ts';
import type { JsonObject } from '../json-object.ts';
import { OpenAiRefusal } from '../openai/errors.ts';
import type { Draft } from '../script.ts';
import { idOf } from './brief.ts';
import { refusal } from './fields.ts';
import { countPrompt } from './prompt.ts';
import { readCompactRequest, readCountRequest } from './request.ts';
import type { ResponsesContext } from './responses.ts';
import { sealConversation } from './sealed-items.ts';
import type { ResponseStore, StoredResponse } from './store.ts';
import { responseUsage } from './usage.ts';

export function json(text: string, tokens = 0): Draft {
  return { kind: 'body', status: 200, contentType: 'application/json', afterMs: 0, text, tokens };
}

/** `POST /v1/responses/input_tokens`: reads the prompt as an answer would, and bills nothing. @throws OpenAiRefusal */
export function countInput(body: JsonObject, { call, model, seal, store }: ResponsesContext): Draft {
  const prompt = readCountRequest(body, { model, seal, known: store });
  const { tokens } = countPrompt(prompt, call.tokens);
  return json(JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens }));
}

/** What a folded conversation costs to write. */
const COMPACTION_TOKENS = 48;
const COMPACTED_CHARS_MAX = 16_384;

/** `POST /v1/responses/compact`: what users said stays, the rest becomes an item that only the provider reads. @throws OpenAiRefusal */
export function compact(body: JsonObject, { call, model, seal, store }: ResponsesContext): Draft {
  const prompt = readCompactRequest(body, { model, seal, known: store });
  const { tokens: promptTokens, parts } = countPrompt(prompt, call.tokens);
  const cachedTokens = call.promptCache.read(model.id, parts, promptTokens);
  call.call.promptRead(promptTokens, cachedTokens);
  const { items } = prompt.conversation;
  const users = items.filter(({ role }) => role === 'user');
  const rest = items.filter((item) => !users.includes(item)).map(({ text }) => text);
  const id = idOf('cmp', call.random);
  const sealed = sealConversation(seal, id, rest.join('\n').slice(-COMPACTED_CHARS_MAX));
  const messages = users.map(({ object }) => ({
    id: idOf('msg', call.random),
    type: 'message',
    status: 'completed',
    ...object,
  }));
  const usage = { promptTokens, cachedTokens, completionTokens: COMPACTION_TOKENS, reasoningTokens: 0 };
  const front = JSON.stringify({
    id: idOf('resp', call.random),
    object: 'response.compaction',
    created_at: Math.floor(call.nowMs / 1_000),
    output: [...messages, { id, type: 'compaction', encrypted_content: sealed }],
  });
  const text = `${front.slice(0, -1)},"usage":${responseUsage(usage, call.shape) ?? 'null'}}`;
  return json(text, COMPACTION_TOKENS);
}

/** `…/responses/{id}` and what lies under it. @throws OpenAiRefusal */
export function answerStored(request: ReadRequest, rest: string, store: ResponseStore, nowMs: number): Draft {
  const [id = '', under] = rest.split('/');
  const stored = store.get(id);
  if (stored === undefined) {
    throw new OpenAiRefusal(404, `Response with id '${id.slice(0, 100)}' not found.`);
  }
  switch (`${request.method} ${under ?? ''}`) {
    case 'GET ':
      return json(store.textOf(stored, nowMs));
    case 'DELETE ':
      store.delete(id);
      return json(JSON.stringify({ id, object: 'response', deleted: true }));
    case 'POST cancel':
      if (stored.background === undefined) throw refusal('Cannot cancel a synchronous response.', null);
      store.cancel(stored, nowMs);
      return json(store.textOf(stored, nowMs));
    case 'GET input_items':
      return json(JSON.stringify(inputPage(stored, request)));
    default:
      throw new OpenAiRefusal(404, `Invalid URL (${request.method} ${request.pathname})`);
  }
}

const PAGE = 20;
const PAGE_MAX = 100;

/** `?limit=&order=&after=`: the newest first, unless it is asked otherwise. */
function inputPage({ input }: StoredResponse, { path, pathname }: ReadRequest): JsonObject {
  const query = new URLSearchParams(path.slice(pathname.length));
  const limit = Number(query.get('limit') ?? PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) {
    const message = `Invalid 'limit': integer out of range. Expected a value from 1 to ${PAGE_MAX}.`;
    throw refusal(message, 'limit', 'invalid_value');
  }
  const all = query.get('order') === 'asc' ? input : input.toReversed();
  const from = all.findIndex(({ id }) => id === query.get('after')) + 1;
  const data = all.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: from + limit < all.length,
  };
}
