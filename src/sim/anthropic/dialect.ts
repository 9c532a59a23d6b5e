import type { CallContext, ReadRequest, RequireKey, SimDialect } from '../dialect.ts';
import { isObject, type JsonObject } from '../json-object.ts';
import type { Draft } from '../script.ts';
import { Seal } from '../seal.ts';
import { AnthropicRefusal, anthropicVoice, errorBody, missing, wrong } from './errors.ts';
import { MarkerCache } from './marker-cache.ts';
import { answerMessages, countMessages, type MessagesContext } from './messages.ts';
import { chatModelNamed, modelObject, modelPage } from './models.ts';

type PostAnswer = (body: JsonObject, context: MessagesContext) => Draft;

const POSTS: ReadonlyMap<string, PostAnswer> = new Map([
  ['/v1/messages', answerMessages],
  ['/v1/messages/count_tokens', countMessages],
]);
const MODELS = '/v1/models';
/** @see https://platform.claude.com/docs/en/api/overview (read 2026-11-21) */
const BODY_BYTES_MAX = 32 << 20;

/** Anthropic's wire format: messages, their tokens, and models for whoever says which version of it they speak. */
export function anthropicDialect(): SimDialect {
  const cache = new MarkerCache();
  return {
    voice: anthropicVoice,
    answer(request, context) {
      try {
        return routed(request, context, cache);
      } catch (error) {
        // Only what the dialect itself refuses is an answer; anything else is a fault of ours and goes up.
        if (!(error instanceof AnthropicRefusal)) throw error;
        return json(error.status, errorBody(error.type, error.message, context.call.record.requestId));
      }
    },
    reset: () => cache.clear(),
  };
}

function routed(request: ReadRequest, context: CallContext, cache: MarkerCache): Draft {
  const { method, pathname, headers } = request;
  refuseWrongKey(headers, context.requireKey);
  if (headers['anthropic-version'] === undefined) throw wrong('anthropic-version', 'header is required');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(headers['anthropic-version'])) {
    throw wrong('anthropic-version', `"${headers['anthropic-version'].slice(0, 40)}" is not a valid version`);
  }
  const post = POSTS.get(pathname);
  if (post !== undefined) {
    if (method !== 'POST') throw new AnthropicRefusal(405, 'Method Not Allowed');
    return posted(request, context, cache, post);
  }
  if (!pathname.startsWith(MODELS)) throw new AnthropicRefusal(404, 'Not Found');
  if (method !== 'GET') throw new AnthropicRefusal(405, 'Method Not Allowed');
  if (pathname === MODELS) {
    const query = new URLSearchParams(request.path.slice(pathname.length));
    return json(200, JSON.stringify(modelPage(query, context)));
  }
  const named = chatModelNamed(pathname.slice(MODELS.length + 1), context.models);
  return json(200, JSON.stringify(modelObject(named)));
}

function posted(request: ReadRequest, context: CallContext, cache: MarkerCache, post: PostAnswer): Draft {
  if (request.body.length > BODY_BYTES_MAX) throw new AnthropicRefusal(413, 'Request exceeds the maximum size');
  if (!isObject(request.json)) throw new AnthropicRefusal(400, 'The request body is not valid JSON.');
  const id = request.json['model'];
  if (id === undefined) throw missing('model');
  if (typeof id !== 'string') throw wrong('model', 'Input should be a valid string');
  const betas = (request.headers['anthropic-beta'] ?? '')
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '');
  const model = chatModelNamed(id, context.models);
  return post(request.json, { call: context, model, seal: new Seal(context.seed), cache, betas });
}

function refuseWrongKey(headers: ReadRequest['headers'], requireKey: RequireKey): void {
  if (requireKey === false) return;
  const bearer = /^bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
  const key = headers['x-api-key'] ?? bearer;
  if (key === undefined) throw new AnthropicRefusal(401, 'x-api-key header is required');
  const known = requireKey === true ? key !== 'invalid' : requireKey.includes(key);
  if (!known) throw new AnthropicRefusal(401, 'invalid x-api-key');
}

function json(status: number, text: string): Draft {
  return { kind: 'body', status, contentType: 'application/json', afterMs: 0, text, tokens: 0 };
}
