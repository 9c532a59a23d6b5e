import type { CallContext, ReadRequest, SimDialect } from '../dialect.ts';
import { isObject, type JsonObject } from '../json-object.ts';
import type { SimEmbeddingModel, SimModel } from '../models.ts';
import type { Draft } from '../script.ts';
import { answerChat } from './chat.ts';
import { answerCompletion } from './completions.ts';
import { answerEmbeddings, embeddingModel } from './embeddings.ts';
import { errorBody, NOT_JSON, OpenAiRefusal, openAiVoice } from './errors.ts';
import { refuseWrongKey } from './keys.ts';
import { chatModel } from './sampling.ts';
import { VectorSpace } from './vectors.ts';

type PostAnswer = (body: JsonObject, model: SimModel, context: CallContext) => Draft;

/** OpenAI's wire format: chat completions, legacy completions, embeddings and models. */
export function openAiDialect(): SimDialect {
  const spaces = new Map<string, VectorSpace>();
  const spaceOf = (model: SimEmbeddingModel, seed: number) => {
    const known = spaces.get(model.id) ?? new VectorSpace(seed, model.dimensions);
    spaces.set(model.id, known);
    return known;
  };
  const posts = new Map<string, PostAnswer>([
    ['/v1/chat/completions', (body, model, context) => answerChat(body, chatModel(model), context)],
    ['/v1/completions', (body, model, context) => answerCompletion(body, chatModel(model), context)],
    [
      '/v1/embeddings',
      (body, model, context) => {
        const embedder = embeddingModel(model);
        return answerEmbeddings(body, embedder, context, spaceOf(embedder, context.seed));
      },
    ],
  ]);
  return {
    voice: openAiVoice,
    answer(request, context) {
      try {
        return routed(request, context, posts);
      } catch (error) {
        // Only what the dialect itself refuses is an answer; anything else is a fault of ours and goes up.
        if (!(error instanceof OpenAiRefusal)) throw error;
        return json(error.status, errorBody(error.error));
      }
    },
  };
}

function routed(request: ReadRequest, context: CallContext, posts: ReadonlyMap<string, PostAnswer>): Draft {
  const { method, pathname } = request;
  refuseWrongKey(request.headers['authorization'], context.requireKey);
  const post = posts.get(pathname);
  if (post !== undefined) {
    if (method !== 'POST') throw wrongMethod(method, pathname);
    if (!isObject(request.json)) throw new OpenAiRefusal(400, NOT_JSON);
    return post(request.json, askedModel(request.json, context), context);
  }
  if (pathname !== '/v1/models' && !pathname.startsWith('/v1/models/')) {
    throw new OpenAiRefusal(404, `Invalid URL (${method} ${pathname})`);
  }
  if (method !== 'GET') throw wrongMethod(method, pathname);
  if (pathname === '/v1/models') {
    const data = [...context.models.values()].map(modelObject);
    return json(200, JSON.stringify({ object: 'list', data }));
  }
  return json(200, JSON.stringify(modelObject(modelNamed(pathname.slice('/v1/models/'.length), context))));
}

function askedModel(body: JsonObject, context: CallContext): SimModel {
  const id = body['model'];
  if (typeof id === 'string') return modelNamed(id, context);
  throw new OpenAiRefusal(400, 'you must provide a model parameter');
}

function modelNamed(id: string, context: CallContext): SimModel {
  const model = context.models.get(id);
  if (model !== undefined) return model;
  const shown = id.slice(0, 200);
  throw new OpenAiRefusal(404, `The model \`${shown}\` does not exist or you do not have access to it.`, {
    code: 'model_not_found',
  });
}

/** The day the catalogue was made: it does not hang on the clock. */
const MODELS_CREATED = 1_767_225_600;

function modelObject(model: SimModel): Readonly<Record<string, unknown>> {
  return { id: model.id, object: 'model', created: MODELS_CREATED, owned_by: 'sim' };
}

function wrongMethod(method: string, pathname: string): OpenAiRefusal {
  const message = `Not allowed to ${method} on ${pathname}. (HINT: Perhaps you meant to use a different HTTP method?)`;
  return new OpenAiRefusal(405, message, { code: 'method_not_supported' });
}

function json(status: number, text: string): Draft {
  return { kind: 'body', status, contentType: 'application/json', afterMs: 0, text, tokens: 0 };
}
