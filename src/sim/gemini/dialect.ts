import type { CallContext, ReadRequest, SimDialect } from '../dialect.ts';
import { isObject, type JsonObject } from '../json-object.ts';
import type { SimEmbeddingModel } from '../models.ts';
import { VectorSpace } from '../openai/vectors.ts';
import type { Draft } from '../script.ts';
import { Seal } from '../seal.ts';
import { geminiAddress, unescaped } from './address.ts';
import { answerBatchEmbed, answerEmbed } from './embeddings.ts';
import { errorBody, errorJson, GeminiRefusal, geminiVoice, textChunk, unreadable } from './errors.ts';
import { arrayFraming, type Framing, SSE_FRAMING } from './framing.ts';
import { answerGenerate, countTokens } from './generate.ts';
import { refuseWrongKey } from './keys.ts';
import { modelNamed, modelObject, modelPage } from './models.ts';

const MODELS = /^\/v1(?:beta|alpha)?\/models(?:\/([^/:]+))?$/;
const JSON_TYPE = 'application/json; charset=UTF-8';
/** @see https://ai.google.dev/gemini-api/docs/document-processing (read 2026-11-22) */
const BODY_BYTES_MAX = 100 << 20;

type SpaceOf = (model: SimEmbeddingModel, seed: number) => VectorSpace;

/** Google's wire format: answers of models, whole and streamed, their tokens, embeddings, and the list of models. */
export function geminiDialect(): SimDialect {
  const spaces = new Map<string, VectorSpace>();
  const spaceOf: SpaceOf = (model, seed) => {
    const known = spaces.get(model.id) ?? new VectorSpace(seed, model.dimensions);
    spaces.set(model.id, known);
    return known;
  };
  return {
    voice: geminiVoice,
    asked(request) {
      return { model: geminiAddress(request.pathname)?.model.slice(0, 200), stream: streams(request) };
    },
    answer(request, context) {
      try {
        return routed(request, context, spaceOf);
      } catch (error) {
        // Only what the dialect itself refuses is an answer; anything else is a fault of ours and goes up.
        if (!(error instanceof GeminiRefusal)) throw error;
        const text = errorBody(error.status, error.message, error.details);
        return json(error.status, inArray(request) ? `[${text}\n]` : text);
      }
    },
  };
}

function routed(request: ReadRequest, context: CallContext, spaceOf: SpaceOf): Draft {
  const { method, pathname } = request;
  refuseWrongKey(request, context.requireKey);
  const address = geminiAddress(pathname);
  if (address === undefined) return models(request, context);
  if (method !== 'POST') throw notFound(method, pathname);
  const model = modelNamed(address.model, address.method, context);
  const body = bodyOf(request);
  if (model.kind === 'embedding') {
    const embedding = { call: context, model, space: spaceOf(model, context.seed) };
    return address.method === 'embedContent' ? answerEmbed(body, embedding) : answerBatchEmbed(body, embedding);
  }
  const generating = { call: context, model, seal: new Seal(context.seed) };
  if (address.method === 'countTokens') return countTokens(body, generating);
  return answerGenerate(body, generating, framingOf(request));
}

function models(request: ReadRequest, context: CallContext): Draft {
  const { method, pathname } = request;
  const [found, id] = MODELS.exec(pathname) ?? [];
  if (found === undefined || method !== 'GET') throw notFound(method, pathname);
  const object =
    id === undefined ? modelPage(queryOf(request), context) : modelObject(modelNamed(unescaped(id), '', context));
  return json(200, JSON.stringify(object));
}

/** How the answer is to be streamed, where it is. */
function framingOf(request: ReadRequest): Framing | undefined {
  if (!streams(request)) return undefined;
  return inArray(request) ? arrayFraming({ errorJson, textChunk }) : SSE_FRAMING;
}

/** Whether the answer is an array: a refusal then is one too. */
function inArray(request: ReadRequest): boolean {
  return streams(request) && queryOf(request).get('alt') !== 'sse';
}

function streams({ pathname }: Pick<ReadRequest, 'pathname'>): boolean {
  return geminiAddress(pathname)?.method === 'streamGenerateContent';
}

function queryOf({ path, pathname }: Pick<ReadRequest, 'path' | 'pathname'>): URLSearchParams {
  return new URLSearchParams(path.slice(pathname.length));
}

function bodyOf({ body, json }: ReadRequest): JsonObject {
  if (body.length > BODY_BYTES_MAX) {
    throw new GeminiRefusal(400, `Request payload size exceeds the limit: ${BODY_BYTES_MAX} bytes.`);
  }
  if (isObject(json)) return json;
  if (body.length === 0) return {};
  throw unreadable('', 'Invalid JSON payload received. Expected an object.');
}

function notFound(method: string, pathname: string): GeminiRefusal {
  return new GeminiRefusal(404, `Nothing is found at ${method} ${pathname.slice(0, 200)}.`);
}

function json(status: number, text: string): Draft {
  return { kind: 'body', status, contentType: JSON_TYPE, afterMs: 0, text, tokens: 0 };
}
