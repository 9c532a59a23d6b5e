import type {
  BetaMessage,
  MessageCreateParamsBase as BetaMessageCreateParams,
  BetaRawMessageStreamEvent,
} from '@anthropic-ai/sdk/resources/beta/messages/messages';
import type {
  Message,
  MessageCreateParamsBase,
  RawMessageStreamEvent,
} from '@anthropic-ai/sdk/resources/messages/messages';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParamsBase,
} from 'openai/resources/chat/completions/completions';
import type { Response, ResponseCreateParamsBase, ResponseStreamEvent } from 'openai/resources/responses/responses';

/** The vendors' own types of what goes over the wire, by the names under which `sdk-types.ts` reads them. */

export type ChatRequest = ChatCompletionCreateParamsBase;
export type ChatAnswer = ChatCompletion;
export type ChatStream = { stream: ChatCompletionChunk };
export type MessagesRequest = MessageCreateParamsBase;
export type MessagesBetaRequest = BetaMessageCreateParams;
export type MessagesAnswer = Message;
export type MessagesBetaAnswer = BetaMessage;
export type MessagesStream = { stream: RawMessageStreamEvent };
export type MessagesBetaStream = { stream: BetaRawMessageStreamEvent };
export type ResponsesRequest = ResponseCreateParamsBase;
export type ResponsesAnswer = Response;
export type ResponsesStream = { stream: ResponseStreamEvent };
