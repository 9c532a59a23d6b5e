import OpenAI from 'openai';
import {
  type Address,
  type Conversation,
  type DialectClient,
  Heads,
  OUTPUT_TOKENS_MAX,
  PARAMETERS,
  type Settings,
  type Turn,
} from './client.ts';

type Message = OpenAI.ChatCompletionMessageParam;

/** OpenAI's SDK, speaking Chat Completions. */
export function chatSdk({ url, key }: Address): DialectClient {
  const heads = new Heads();
  const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0, fetch: heads.fetch });
  return {
    name: 'openai (Chat Completions)',
    failure: OpenAI.InternalServerError,
    converse: (settings) => conversation(client, settings, heads),
  };
}

function conversation(client: OpenAI, settings: Settings, heads: Heads): Conversation {
  const { tools, thinks } = settings;
  let { model } = settings;
  const messages: Message[] = [];
  let called: OpenAI.ChatCompletionMessageToolCall[] = [];
  const ask = async (): Promise<Turn> => {
    const request = {
      model,
      messages,
      max_completion_tokens: OUTPUT_TOKENS_MAX,
      ...(thinks === true ? { reasoning_effort: 'low' as const } : {}),
      ...(tools === undefined ? {} : { tools: tools.map(functionTool) }),
    };
    const answer = await (settings.streamed
      ? client.chat.completions.stream({ ...request, stream_options: { include_usage: true } }).finalChatCompletion()
      : client.chat.completions.create(request));
    const headers = heads.last;
    const choice = answer.choices[0];
    if (choice === undefined) throw new Error('no choice');
    messages.push(choice.message);
    called = choice.message.tool_calls ?? [];
    const { reasoning_content } = choice.message as { reasoning_content?: string };
    return {
      text: choice.message.content ?? '',
      thought: reasoning_content ?? '',
      calls: called
        .map((call) => functionOf(call))
        .map(({ name, arguments: text }) => ({ name, arguments: JSON.parse(text) })),
      finish: choice.finish_reason,
      usage: { input: answer.usage?.prompt_tokens, output: answer.usage?.completion_tokens },
      header: (name) => headers.get(name) ?? undefined,
      answer,
    };
  };
  return {
    moveTo(next) {
      model = next;
    },
    say(text, png) {
      const picture = { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${png}` } };
      messages.push({ role: 'user', content: png === undefined ? text : [{ type: 'text', text }, picture] });
      return ask();
    },
    answerCalls(result) {
      const results = called.map((call): Message => {
        return { role: 'tool', tool_call_id: call.id, content: result(functionOf(call).name) };
      });
      messages.push(...results.toReversed());
      return ask();
    },
  };
}

function functionTool(name: string): OpenAI.ChatCompletionFunctionTool {
  return { type: 'function', function: { name, description: `${name} of a city`, parameters: PARAMETERS } };
}

function functionOf(call: OpenAI.ChatCompletionMessageToolCall): { readonly name: string; readonly arguments: string } {
  if (call.type !== 'function') throw new Error(`a call of type ${call.type}`);
  return call.function;
}
