import { type Json, objectOf } from '../json.ts';
import { defined, LEFT_OUT } from './ask.ts';
import {
  type Choice,
  calledNames,
  carried,
  type Intent,
  type Media,
  merged,
  type Part,
  type Thought,
  type Tool,
} from './intent.ts';

const LEVELS = /^(?:minimal|low|medium|high)$/;

/** What a client of Gemini would send who wants that; instructions that come later have no place there. */
export function geminiRequest({ turns, tools, wishes }: Intent): Json {
  const names = calledNames(turns);
  const [first] = turns;
  const system = first?.role === 'system' ? first.parts.flatMap((part) => partsOf(part, names)) : [];
  const later = turns.slice(1).some(({ role }) => role === 'system');
  if (later) wishes.leave('instructions that come later');
  // Files have no names in Google's own API, bytes stand in the request itself, and no tool is strict.
  wishes.leave('title', 'address', 'strict');
  // A request of Gemini says by its address whether it streams.
  wishes.take('stream');
  const search = wishes.takeIf('search', ({ place }) => place === undefined);
  const declared = tools.length === 0 ? [] : [{ functionDeclarations: tools.map(toolOf) }];
  const given = [...declared, ...(search === undefined ? [] : [{ googleSearch: {} }])];
  const choice = wishes.take('choice');
  return defined({
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    contents: merged(turns.filter(({ role }) => role !== 'system')).map(({ role, parts }) => ({
      role: role === 'assistant' ? 'model' : 'user',
      parts: parts.flatMap((part) => partsOf(part, names)),
    })),
    tools: given.length === 0 ? undefined : given,
    toolConfig: choice === undefined ? undefined : { functionCallingConfig: choiceOf(choice) },
    generationConfig: configOf(wishes),
  });
}

function configOf(wishes: Intent['wishes']): Json | undefined {
  const format = wishes.take('format');
  const schema = format === undefined || format === 'json' ? undefined : format.schema;
  const thinkingConfig = defined({
    thinkingBudget: { none: 0, free: -1 }[String(wishes.take('thinking'))] ?? wishes.take('budget'),
    thinkingLevel: wishes.takeIf('effort', (value) => LEVELS.test(value))?.toUpperCase(),
  });
  const config = defined({
    maxOutputTokens: wishes.take('maxTokens'),
    temperature: wishes.take('temperature'),
    topP: wishes.take('topP'),
    topK: wishes.take('topK'),
    seed: wishes.take('seed'),
    presencePenalty: wishes.take('presence'),
    frequencyPenalty: wishes.take('frequency'),
    stopSequences: wishes.take('stop'),
    responseMimeType: format === undefined ? undefined : 'application/json',
    responseJsonSchema: schema,
    thinkingConfig: Object.keys(thinkingConfig).length === 0 ? undefined : thinkingConfig,
  });
  return Object.keys(config).length === 0 ? undefined : config;
}

function toolOf({ name, description, schema }: Tool): Json {
  return defined({ name, description: description ?? undefined, parametersJsonSchema: schema });
}

function choiceOf(choice: Choice): Json {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.name] };
  return { mode: { auto: 'AUTO', none: 'NONE', required: 'ANY' }[choice] };
}

function partsOf(part: Part, names: ReadonlyMap<string, string>): Json[] {
  switch (part.type) {
    case 'text':
      return [{ text: part.text }];
    case 'call':
      return [
        defined({
          functionCall: { id: part.id, name: part.name, args: objectOf(part.input) },
          thoughtSignature: part.seal,
        }),
      ];
    case 'result': {
      const media = part.parts.flatMap((each) => (each.type === 'media' ? partsOf(each, names) : []));
      const text = part.parts.map((each) => (each.type === 'text' ? each.text : '')).join('');
      const response = part.fields ?? { output: text };
      return [{ functionResponse: { id: part.callId, name: part.name || names.get(part.callId), response } }, ...media];
    }
    case 'thought':
      return [thoughtOf(part)];
    case 'media':
      return [mediaOf(part)];
    default:
      return [{ text: LEFT_OUT }];
  }
}

function thoughtOf({ maker, text, what, seal }: Thought): Json {
  const own = maker === 'gemini' ? seal : Buffer.from(carried(maker, what, seal)).toString('base64');
  return defined({ text, thought: true, thoughtSignature: what === 'none' ? undefined : own });
}

function mediaOf({ url, data, mediaType }: Media): Json {
  if (url !== undefined) return { text: LEFT_OUT };
  return { inlineData: { mimeType: mediaType, data } };
}
