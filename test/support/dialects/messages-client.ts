import Anthropic from '@anthropic-ai/sdk';
import {
  type Address,
  type Conversation,
  type DialectClient,
  Heads,
  OUTPUT_TOKENS_MAX,
  PARAMETERS,
  type Settings,
  THOUGHT_TOKENS,
  type Turn,
} from './client.ts';

/** Anthropic's SDK. */
export function messagesSdk({ url, key }: Address): DialectClient {
  const heads = new Heads();
  const client = new Anthropic({ apiKey: key, baseURL: url, maxRetries: 0, fetch: heads.fetch });
  return {
    name: '@anthropic-ai/sdk (Messages)',
    failure: Anthropic.APIError,
    converse: (settings) => conversation(client, settings, heads),
  };
}

function conversation(client: Anthropic, settings: Settings, heads: Heads): Conversation {
  const { tools, thinks } = settings;
  let { model } = settings;
  const messages: Anthropic.MessageParam[] = [];
  let called: Anthropic.ToolUseBlock[] = [];
  const ask = async (): Promise<Turn> => {
    const request = {
      model,
      messages,
      max_tokens: OUTPUT_TOKENS_MAX,
      ...(thinks === true ? { thinking: { type: 'enabled', budget_tokens: THOUGHT_TOKENS } as const } : {}),
      ...(tools === undefined ? {} : { tools: tools.map(tool) }),
    };
    const answer = await (settings.streamed
      ? client.messages.stream(request).finalMessage()
      : client.messages.create(request));
    const headers = heads.last;
    messages.push({ role: 'assistant', content: answer.content });
    called = answer.content.filter((block) => block.type === 'tool_use');
    return {
      text: answer.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      thought: answer.content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
      calls: called.map(({ name, input }) => ({ name, arguments: input })),
      finish: answer.stop_reason ?? undefined,
      usage: { input: answer.usage.input_tokens, output: answer.usage.output_tokens },
      header: (name) => headers.get(name) ?? undefined,
      answer,
    };
  };
  return {
    moveTo(next) {
      model = next;
    },
    say(text, png) {
      messages.push({ role: 'user', content: png === undefined ? text : [{ type: 'text', text }, picture(png)] });
      return ask();
    },
    answerCalls(result) {
      const results = called.map(({ id, name }): Anthropic.ToolResultBlockParam => {
        return { type: 'tool_result', tool_use_id: id, content: result(name) };
      });
      messages.push({ role: 'user', content: results.toReversed() });
      return ask();
    },
  };
}

function picture(data: string): Anthropic.ImageBlockParam {
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data } };
}

function tool(name: string): Anthropic.Tool {
  return { name, description: `${name} of a city`, input_schema: PARAMETERS };
}
