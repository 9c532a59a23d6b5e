import type { CallContext, ReadRequest, SimDialect } from '../dialect.ts';
import { isObject, type JsonObject } from '../json-object.ts';
import type { SimChatModel } from '../models.ts';
import { errorBody, NOT_JSON, OpenAiRefusal } from '../openai/errors.ts';
import { missing } from '../openai/fields.ts';
import { refuseWrongKey } from '../openai/keys.ts';
import type { Draft } from '../script.ts';
import { Seal } from '../seal.ts';
import { responsesVoice } from './errors.ts';
import { refusal } from './fields.ts';
import { answerStored, compact, countInput } from './other-endpoints.ts';
import { answerResponses, type ResponsesContext } from './responses.ts';
import { ResponseStore } from './store.ts';

type PostAnswer = (body: JsonObject, context: ResponsesContext) => Draft;

const ROOT = '/v1/responses';
const POSTS: ReadonlyMap<string, PostAnswer> = new Map([
  [ROOT, answerResponses],
  [`${ROOT}/input_tokens`, countInput],
  [`${ROOT}/compact`, compact],
]);

/** OpenAI's Responses: answers, those it kept, their input, its tokens, and conversations folded into one item. */
export function responsesDialect(): SimDialect {
  const store = new ResponseStore();
  return {
    voice: responsesVoice,
    answer(request, context) {
      try {
        return routed(request, context, store);
      } catch (error) {
        // Only what the dialect itself refuses is an answer; anything else is a fault of ours and goes up.
        if (!(error instanceof OpenAiRefusal)) throw error;
        return {
          kind: 'body',
          status: error.status,
          contentType: 'application/json',
          afterMs: 0,
          text: errorBody(error.error),
          tokens: 0,
        };
      }
    },
    reset: () => store.clear(),
  };
}

function routed(request: ReadRequest, call: CallContext, store: ResponseStore): Draft {
  const { method, pathname, json } = request;
  refuseWrongKey(request.headers['authorization'], call.requireKey);
  const post = POSTS.get(pathname);
  if (post === undefined) return answerStored(request, pathname.slice(ROOT.length + 1), store, call.nowMs);
  if (method !== 'POST') {
    const message = `Not allowed to ${method} on ${pathname}. (HINT: Perhaps you meant to use a different HTTP method?)`;
    throw new OpenAiRefusal(405, message, { code: 'method_not_supported' });
  }
  if (!isObject(json)) throw new OpenAiRefusal(400, NOT_JSON);
  return post(json, { call, model: askedModel(json, call), seal: new Seal(call.seed), store });
}

/** @throws the 400 for a model that is not there or does not talk */
function askedModel(body: JsonObject, { models }: CallContext): SimChatModel {
  const id = body['model'];
  if (id === undefined || id === null) throw missing('model');
  if (typeof id !== 'string') {
    throw refusal("Invalid type for 'model': expected a string.", 'model', 'invalid_type');
  }
  const model = models.get(id);
  if (model?.kind === 'chat') return model;
  throw refusal(`The requested model '${id.slice(0, 200)}' does not exist.`, 'model', 'model_not_found');
}
