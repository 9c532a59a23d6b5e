// Both vendors answer with the same member.
import { tokenCountIn as inputTokensIn } from '../edge/anthropic/token-count.ts';
import { type ModelCallParts, modelCallRoute } from '../edge/http/model-call.ts';
import type { Route } from '../edge/http/routes.ts';
import { tokenCountRoute } from '../edge/http/token-count.ts';
import { type ConversationDesk, conversationRoutes } from '../edge/responses/conversation-routes.ts';
import {
  inputTokensBody,
  openAiResponses,
  responsesCompaction,
  responsesInputTokens,
} from '../edge/responses/dialects.ts';
import { responsesSocketRoute } from '../edge/responses/socket-route.ts';
import { type ResponseDesk, storedResponseRoutes } from '../edge/responses/stored-routes.ts';
import type { AdmittedCall } from '../exchange/call.ts';
import type { TokenCount } from '../exchange/token-count.ts';

export interface ResponsesRouteParts extends ModelCallParts {
  /** Absent: nothing is kept, and nothing told of it. */
  readonly desk?: (ResponseDesk & { readonly conversations: ConversationDesk }) | undefined;
  /** @param readCount finds the count in a provider's answer */
  countTokens(call: AdmittedCall, readCount: (body: Buffer) => number | undefined): Promise<TokenCount>;
}

/** What clients of the Responses API call. */
export function responsesRoutes(parts: ResponsesRouteParts): Route[] {
  return [
    modelCallRoute('/v1/responses', openAiResponses, parts),
    responsesSocketRoute(parts),
    modelCallRoute('/v1/responses/compact', responsesCompaction, parts),
    tokenCountRoute({
      ...parts,
      path: '/v1/responses/input_tokens',
      dialect: responsesInputTokens,
      bodyOf: inputTokensBody,
      countTokens: (call) => parts.countTokens(call, inputTokensIn),
    }),
    ...(parts.desk === undefined ? [] : storedResponseRoutes(parts.desk)),
    ...(parts.desk === undefined ? [] : conversationRoutes({ ...parts, conversations: parts.desk.conversations })),
  ];
}
