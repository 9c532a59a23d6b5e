import type { ChatDialect } from './dialects.ts';
import { type Json, objectOf, objectsOf, parsed } from './json.ts';
import { assembledChat, assembledContents, assembledItems, assembledMessage } from './said-again.ts';
import { readEvents } from './sse-text.ts';

/** The next request of a client: what it said before, what it was answered, what its tools gave, and a word to go on. */
export interface TurnAfter {
  readonly request: Json;
  /** By which names the client was told of the calls of its tools, in order. */
  readonly callIds: readonly string[];
}

export const RESULT = 'the result of ';
const GO_ON = 'Go on.';
const MARKED = { type: 'text', text: GO_ON, cache_control: { type: 'ephemeral' } };

type Maker = (request: Json, stream: boolean, body: Buffer) => TurnAfter;

const MAKERS: Readonly<Record<ChatDialect, Maker>> = {
  'openai-chat': chatTurn,
  'openai-responses': responsesTurn,
  'anthropic-messages': messagesTurn,
  gemini: geminiTurn,
};

export function turnAfter(client: ChatDialect, request: Json, stream: boolean, body: Buffer): TurnAfter {
  return MAKERS[client](request, stream, body);
}

function whole(body: Buffer): Json {
  return objectOf(parsed(body.toString('utf8')));
}

function chatTurn(request: Json, stream: boolean, body: Buffer): TurnAfter {
  const message = objectOf(objectsOf(whole(body)['choices'])[0]?.['message']);
  // What was said aloud is kept where it was said, and not for long.
  const { audio: _, ...said } = stream ? assembledChat(readEvents(body)) : message;
  const callIds = objectsOf(said['tool_calls']).map(({ id }) => String(id));
  const results = callIds.map((id) => ({ role: 'tool', tool_call_id: id, content: `${RESULT}${id}` }));
  const messages = [...objectsOf(request['messages']), said, ...results, { role: 'user', content: [MARKED] }];
  return { request: { ...request, messages }, callIds };
}

function messagesTurn(request: Json, stream: boolean, body: Buffer): TurnAfter {
  const said = stream ? assembledMessage(readEvents(body)) : objectsOf(whole(body)['content']);
  const callIds = said.filter(({ type }) => type === 'tool_use').map(({ id }) => String(id));
  const results = callIds.map((id) => ({ type: 'tool_result', tool_use_id: id, content: `${RESULT}${id}` }));
  const after = [
    { role: 'assistant', content: said },
    { role: 'user', content: [...results, MARKED] },
  ];
  return { request: { ...request, messages: [...objectsOf(request['messages']), ...after] }, callIds };
}

function responsesTurn(request: Json, stream: boolean, body: Buffer): TurnAfter {
  const said = stream ? assembledItems(readEvents(body)) : objectsOf(whole(body)['output']);
  const calls = said.filter(({ type }) => type === 'function_call' || type === 'custom_tool_call');
  const results = calls.map(({ type, call_id: id }) => ({
    type: type === 'function_call' ? 'function_call_output' : 'custom_tool_call_output',
    call_id: id,
    output: `${RESULT}${String(id)}`,
  }));
  const before =
    typeof request['input'] === 'string' ? [{ role: 'user', content: request['input'] }] : objectsOf(request['input']);
  const input = [...before, ...said, ...results, { role: 'user', content: GO_ON }];
  return { request: { ...request, input }, callIds: calls.map(({ call_id: id }) => String(id)) };
}

function geminiTurn(request: Json, stream: boolean, body: Buffer): TurnAfter {
  const said = stream
    ? assembledContents(readEvents(body))
    : objectsOf(whole(body)['candidates'])
        .slice(0, 1)
        .map(({ content }) => objectOf(content));
  const calls = said
    .flatMap(({ parts }) => objectsOf(parts))
    .flatMap(({ functionCall: call }) => (call === undefined ? [] : [objectOf(call)]));
  const results = calls.map(({ id, name }) => ({
    functionResponse: { id, name, response: { output: `${RESULT}${String(id)}` } },
  }));
  const after = { role: 'user', parts: [...results, { text: GO_ON }] };
  const contents = [...objectsOf(request['contents']), ...said, after];
  return { request: { ...request, contents }, callIds: calls.map(({ id }) => String(id)) };
}
