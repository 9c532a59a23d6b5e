import { gemini, geminiEmbed, geminiEmbedBatch, geminiStream, geminiTokenCount } from '../edge/gemini/dialects.ts';
import { geminiModel, geminiModels } from '../edge/gemini/models.ts';
import { tokenCountBody, tokenCountIn } from '../edge/gemini/token-count.ts';
import type { ListedModel } from '../edge/http/listed-models.ts';
import { type ModelCallParts, modelCallRoute } from '../edge/http/model-call.ts';
import { sendJson } from '../edge/http/reads.ts';
import type { Route } from '../edge/http/routes.ts';
import { tokenCountRoute } from '../edge/http/token-count.ts';
import type { AdmittedCall, Caller } from '../exchange/call.ts';
import type { TokenCount } from '../exchange/token-count.ts';

export interface GeminiRouteParts extends ModelCallParts {
  /** Every name that the caller can send as a model. */
  models(caller: Caller | undefined): readonly ListedModel[];
  /** @param readCount finds the count in a provider's answer */
  countTokens(call: AdmittedCall, readCount: (body: Buffer) => number | undefined): Promise<TokenCount>;
}

/**
 * Of each version of Google's API that its clients speak: `v1` is what its newer
 * SDKs ask for, `v1beta` everybody else. Some take a name with a slash in it for
 * the whole path (@ai-sdk/google 4.0).
 */
const MODELS = ['/v1beta/models/{model+}:', '/v1/models/{model+}:', '/v1beta/{model+}:'] as const;
const METHODS = [
  ['generateContent', gemini],
  ['streamGenerateContent', geminiStream],
  ['embedContent', geminiEmbed],
  ['batchEmbedContents', geminiEmbedBatch],
] as const;

/** What Google's clients call: each method is a path of its own behind the model's name. */
export function geminiRoutes(parts: GeminiRouteParts): Route[] {
  return [
    ...MODELS.flatMap((path) => methodsOf(path, parts)),
    // In the other version the same paths are OpenAI's as well, and told apart by who asks.
    {
      method: 'GET',
      path: '/v1beta/models',
      guard: 'key',
      metering: 'none',
      handle: ({ res, requestId, query, caller }) =>
        sendJson(res, requestId, geminiModels(parts.models(caller), query)),
    },
    {
      method: 'GET',
      path: '/v1beta/models/{model+}',
      guard: 'key',
      metering: 'none',
      handle: ({ res, requestId, param, caller }) => sendJson(res, requestId, geminiModel(parts.models(caller), param)),
    },
  ];
}

function methodsOf(path: string, parts: GeminiRouteParts): Route[] {
  return [
    ...METHODS.map(([method, dialect]) => modelCallRoute(path + method, dialect, parts)),
    tokenCountRoute({
      ...parts,
      path: `${path}countTokens`,
      dialect: geminiTokenCount,
      bodyOf: tokenCountBody,
      countTokens: (call) => parts.countTokens(call, tokenCountIn),
    }),
  ];
}
