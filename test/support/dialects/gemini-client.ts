import {
  ApiError,
  type Chat,
  type Content,
  type FunctionCall,
  type GenerateContentConfig,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from '@google/genai';
import {
  type Address,
  type Conversation,
  type DialectClient,
  OUTPUT_TOKENS_MAX,
  PARAMETERS,
  type Settings,
  THOUGHT_TOKENS,
  type Turn,
} from './client.ts';

/** Google's SDK, whose chat keeps what was said. */
export function geminiSdk({ url, key }: Address): DialectClient {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
  return {
    name: '@google/genai (Gemini)',
    failure: ApiError,
    converse: (settings) => conversation(client, settings),
  };
}

function conversation(client: GoogleGenAI, { model, tools, thinks, streamed }: Settings): Conversation {
  const config: GenerateContentConfig = {
    maxOutputTokens: OUTPUT_TOKENS_MAX,
    ...(thinks === true ? { thinkingConfig: { includeThoughts: true, thinkingBudget: THOUGHT_TOKENS } } : {}),
    ...(tools === undefined ? {} : { tools: [{ functionDeclarations: tools.map(declaration) }] }),
  };
  let chat = client.chats.create({ model, config });
  let called: readonly FunctionCall[] = [];
  const ask = async (message: string | Part[]): Promise<Turn> => {
    const answers = streamed ? await all(chat, message) : [await chat.sendMessage({ message })];
    const parts = answers.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
    called = parts.flatMap(({ functionCall }) => functionCall ?? []);
    const last = answers.at(-1);
    return {
      text: textOf(parts.filter(({ thought }) => thought !== true)),
      thought: textOf(parts.filter(({ thought }) => thought === true)),
      calls: called.map(({ name, args }) => ({ name: name ?? '', arguments: args })),
      finish: last?.candidates?.[0]?.finishReason,
      usage: { input: last?.usageMetadata?.promptTokenCount, output: last?.usageMetadata?.candidatesTokenCount },
      header: (name) => last?.sdkHttpResponse?.headers?.[name],
      answer: answers,
    };
  };
  return {
    moveTo(next) {
      chat = client.chats.create({ model: next, config, history: chat.getHistory(true) });
    },
    say: (text, png) =>
      ask(png === undefined ? text : [{ text }, { inlineData: { mimeType: 'image/png', data: png } }]),
    answerCalls: (result) => ask(called.map((call) => responseTo(call, result(call.name ?? ''))).toReversed()),
  };
}

async function all(chat: Chat, message: string | Part[]): Promise<GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of await chat.sendMessageStream({ message })) chunks.push(chunk);
  return chunks;
}

function textOf(parts: NonNullable<Content['parts']>): string {
  return parts.map(({ text }) => text ?? '').join('');
}

function responseTo({ id, name }: FunctionCall, output: string): Part {
  return {
    functionResponse: {
      ...(id === undefined ? {} : { id }),
      ...(name === undefined ? {} : { name }),
      response: { output },
    },
  };
}

function declaration(name: string) {
  const { additionalProperties: _, ...parametersJsonSchema } = PARAMETERS;
  return { name, description: `${name} of a city`, parametersJsonSchema };
}
