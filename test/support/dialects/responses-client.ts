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

type Item = OpenAI.Responses.ResponseInputItem;
type Call = OpenAI.Responses.ResponseFunctionToolCall;

/** OpenAI's SDK, speaking Responses and keeping its conversation itself. */
export function responsesSdk({ url, key }: Address): DialectClient {
  const heads = new Heads();
  const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0, fetch: heads.fetch });
  return {
    name: 'openai (Responses)',
    failure: OpenAI.InternalServerError,
    converse: (settings) => conversation(client, settings, heads),
  };
}

function conversation(client: OpenAI, settings: Settings, heads: Heads): Conversation {
  const { tools, thinks } = settings;
  let { model } = settings;
  const input: Item[] = [];
  let called: Call[] = [];
  const ask = async (): Promise<Turn> => {
    const request = {
      model,
      input,
      store: false,
      max_output_tokens: OUTPUT_TOKENS_MAX,
      ...(thinks === true ? THINKING : {}),
      ...(tools === undefined ? {} : { tools: tools.map(functionTool) }),
    };
    const answer = await (settings.streamed
      ? client.responses.stream(request).finalResponse()
      : client.responses.create(request));
    const headers = heads.last;
    input.push(...(answer.output as Item[]));
    const output: OpenAI.Responses.ResponseOutputItem[] = answer.output;
    called = output.filter((item) => item.type === 'function_call');
    return {
      text: answer.output_text,
      thought: answer.output
        .flatMap((item) => (item.type === 'reasoning' ? item.summary : []))
        .map(({ text }) => text)
        .join(''),
      calls: called.map(({ name, arguments: text }) => ({ name, arguments: JSON.parse(text) })),
      finish: answer.status,
      usage: { input: answer.usage?.input_tokens, output: answer.usage?.output_tokens },
      header: (name) => headers.get(name) ?? undefined,
      answer,
    };
  };
  return {
    moveTo(next) {
      model = next;
    },
    say(text, png) {
      const picture = {
        type: 'input_image' as const,
        detail: 'auto' as const,
        image_url: `data:image/png;base64,${png}`,
      };
      input.push({ role: 'user', content: png === undefined ? text : [{ type: 'input_text', text }, picture] });
      return ask();
    },
    answerCalls(result) {
      const results = called.map(({ call_id, name }): Item => {
        return { type: 'function_call_output', call_id, output: result(name) };
      });
      input.push(...results.toReversed());
      return ask();
    },
  };
}

/** Nothing is stored, so that thoughts have to come back encrypted. */
const THINKING = {
  reasoning: { effort: 'low' as const, summary: 'auto' as const },
  include: ['reasoning.encrypted_content' as const],
};

function functionTool(name: string): OpenAI.Responses.FunctionTool {
  return { type: 'function', name, description: `${name} of a city`, parameters: PARAMETERS, strict: true };
}
