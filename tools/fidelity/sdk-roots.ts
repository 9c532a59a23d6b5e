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
  Content,
  GenerateContentConfig,
  GenerateContentResponse,
  GenerationConfig,
  Schema,
  Tool,
} from '@google/genai';
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
export type GeminiRequest = GeminiWire;
/** What the library adds to an answer, or keeps beside it, is not on the wire. */
export type GeminiAnswer = Omit<
  GenerateContentResponse,
  | 'sdkHttpResponse'
  | 'automaticFunctionCallingHistory'
  | 'text'
  | 'data'
  | 'functionCalls'
  | 'executableCode'
  | 'codeExecutionResult'
  | 'initialPromptTokenCount'
>;
export type GeminiStream = { stream: GeminiAnswer };

/*
 * Google's library takes one flat `config`; what its converters make of it
 * (`generateContentConfigToMldev` and `…ToVertex`, @google/genai 3.1) is this.
 * Whatever is in none of the lists is taken for a setting of the answer, so that
 * a member which Google adds has to be given its place here or a row there.
 */

/** Members that stand beside `generationConfig`, by their own names. */
type Beside =
  | 'systemInstruction'
  | 'tools'
  | 'toolConfig'
  | 'safetySettings'
  | 'cachedContent'
  | 'labels'
  | 'serviceTier'
  | 'modelArmorConfig'
  | 'continuationToken'
  | 'store';

/** Members that no request carries: they are for the library itself. */
type Unsent = 'httpOptions' | 'abortSignal' | 'automaticFunctionCalling' | 'automaticContinuation';

/** Members that go by another name on the wire. */
type Renamed = 'modelSelectionConfig' | 'generationOutputConfig';

type Settings = Omit<GenerateContentConfig, Beside | Unsent | Renamed | 'responseSchema' | 'speechConfig'> &
  Omit<GenerationConfig, keyof GenerateContentConfig | 'modelSelectionConfig'>;

interface GeminiWire extends Omit<Pick<GenerateContentConfig, Beside>, 'systemInstruction' | 'tools'> {
  contents: Content[];
  systemInstruction?: Content;
  tools?: Tool[];
  outputConfig?: GenerateContentConfig['generationOutputConfig'];
  generationConfig?: {
    [Name in keyof Settings]: Settings[Name];
  } & {
    modelConfig?: GenerateContentConfig['modelSelectionConfig'];
    responseSchema?: Schema;
    speechConfig?: GenerationConfig['speechConfig'];
  };
}
