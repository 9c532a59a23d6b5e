import { isJson, type Json, objectOf, objectsOf, textOf } from '../json.ts';
import { Members } from './ask.ts';
import {
  type Choice,
  type Intent,
  kindOf,
  merged,
  type Part,
  type Tool,
  type Turn,
  textPart,
  Wishes,
} from './intent.ts';

/** What a recorded request of Gemini wants. Names in snake case are the same names. */
export function readGeminiIntent(recorded: Json): Intent {
  const members = new Members(camelCased(recorded));
  const wishes = new Wishes();
  const ids = new CallIds();
  const system = partsOf(objectOf(members.take('systemInstruction'))['parts'], ids);
  const contents = listOf(members.take('contents')).map((content): Turn => {
    const { role, parts } = content;
    return { role: role === 'model' ? 'assistant' : 'user', parts: partsOf(parts, ids) };
  });
  const leading: Turn[] = system.length === 0 ? [] : [{ role: 'system', parts: system }];
  const given = listOf(members.take('tools'));
  const tools = given.flatMap(({ functionDeclarations: declared }) => listOf(declared)).map(toolOf);
  const others = given.flatMap((tool) => Object.keys(tool)).filter((name) => name !== 'functionDeclarations');
  if (others.some((name) => name !== 'googleSearch')) wishes.leave('tools');
  if (others.includes('googleSearch')) wishes.add('search', {}, 'tools');
  addConfig(wishes, new Members(objectOf(members.take('generationConfig'))));
  const choosing = objectOf(objectOf(members.take('toolConfig'))['functionCallingConfig']);
  if (tools.length > 0) wishes.add('choice', choiceOf(choosing), 'toolConfig');
  members.take('model');
  wishes.leave(...members.left);
  return { turns: merged([...leading, ...contents]), tools, wishes };
}

function addConfig(wishes: Wishes, config: Members): void {
  wishes.add('maxTokens', config.take('maxOutputTokens'), 'maxOutputTokens');
  wishes.add('temperature', config.take('temperature') as number | undefined, 'temperature');
  wishes.add('topP', config.take('topP'), 'topP');
  wishes.add('topK', config.take('topK'), 'topK');
  wishes.add('seed', config.take('seed'), 'seed');
  wishes.add('presence', config.take('presencePenalty'), 'presencePenalty');
  wishes.add('frequency', config.take('frequencyPenalty'), 'frequencyPenalty');
  const stop = config.take('stopSequences');
  wishes.add('stop', Array.isArray(stop) && stop.length > 0 ? stop : undefined, 'stopSequences');
  const type = config.take('responseMimeType');
  const own = config.take('responseSchema');
  const schema = config.take('responseJsonSchema') ?? (own === undefined ? undefined : plainSchema(own));
  if (schema !== undefined) wishes.add('format', { schema }, 'format');
  else if (type === 'application/json') wishes.add('format', 'json', 'format');
  const thinking = new Members(objectOf(config.take('thinkingConfig')));
  const budget = thinking.take('thinkingBudget');
  // The model decides.
  if (budget === -1) wishes.add('thinking', 'free', 'thinking');
  else if (budget === 0) wishes.add('thinking', 'none', 'thinking');
  else wishes.add('budget', budget as number | undefined, 'budget');
  wishes.add('effort', textOf(thinking.take('thinkingLevel'))?.toLowerCase(), 'effort');
  wishes.leave(...config.left);
}

/** A list of one element may be written as that element. */
function listOf(value: unknown): readonly Json[] {
  return isJson(value) ? [value] : objectsOf(value);
}

function toolOf({ name, description, parameters, parametersJsonSchema: schema }: Json): Tool {
  const none = { type: 'object', properties: {} };
  return { name, description, schema: schema ?? (isJson(parameters) ? plainSchema(parameters) : none), strict: false };
}

/** Google's own form of a schema has its types in capitals and numbers as texts. */
export function plainSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainSchema);
  if (!isJson(value)) return value;
  const entries = Object.entries(value).filter(([name]) => !['propertyOrdering', 'nullable'].includes(name));
  return Object.fromEntries(
    entries.map(([name, each]) => [
      name,
      name === 'type' && typeof each === 'string'
        ? value['nullable'] === true
          ? [each.toLowerCase(), 'null']
          : each.toLowerCase()
        : /^(?:min|max)/.test(name) && typeof each === 'string' && Number.isFinite(Number(each))
          ? Number(each)
          : plainSchema(each),
    ]),
  );
}

function choiceOf({ mode, allowedFunctionNames: names }: Json): Choice | undefined {
  const [only, ...more] = Array.isArray(names) ? (names as unknown[]) : [];
  if (mode === 'ANY' && only !== undefined && more.length === 0) return { name: only };
  if (mode === 'ANY') return only === undefined ? 'required' : undefined;
  return mode === 'NONE' ? 'none' : mode === 'AUTO' ? 'auto' : undefined;
}

/** Names of calls that have none: a response answers the first call of its function that is not answered. */
class CallIds {
  readonly #open: { readonly id: string; readonly name: string }[] = [];
  #calls = 0;

  begun(name: string, told: string | undefined): string {
    const id = told ?? `call_recorded_${this.#calls}`;
    this.#calls++;
    this.#open.push({ id, name });
    return id;
  }

  answered(name: string, told: string | undefined): string {
    const at = this.#open.findIndex((call) => (told === undefined ? call.name === name : call.id === told));
    const [found] = at < 0 ? [] : this.#open.splice(at, 1);
    return found?.id ?? told ?? '';
  }
}

function partsOf(parts: unknown, ids: CallIds): Part[] {
  return listOf(parts).flatMap((part): Part[] => {
    const { text, thought, thoughtSignature, functionCall: call, functionResponse: answer, inlineData: inline } = part;
    const seal = textOf(thoughtSignature) ?? '';
    if (isJson(call)) {
      const name = textOf(call['name']) ?? '';
      const id = ids.begun(name, textOf(call['id']));
      const made = { type: 'call', id, name, input: call['args'] ?? {} } as const;
      return [seal === '' ? made : { ...made, seal }];
    }
    if (isJson(answer)) return [resultOf(answer, ids)];
    if (isJson(inline)) {
      const mediaType = String(inline['mimeType']);
      return [{ type: 'media', kind: kindOf(mediaType), mediaType, data: String(inline['data']) }];
    }
    if (thought === true) {
      const what = seal === '' ? 'none' : 'signature';
      return [{ type: 'thought', maker: 'gemini', text: textOf(text) ?? '', what, seal }];
    }
    if (typeof text === 'string') return text === '' ? [] : [textPart(text)];
    return [{ type: 'left-out' }];
  });
}

function resultOf(answer: Json, ids: CallIds): Part {
  const name = textOf(answer['name']) ?? '';
  const fields = objectOf(answer['response']);
  const [only = ''] = Object.keys(fields);
  const plain = Object.keys(fields).length === 1 && /^(?:output|result|error)$/.test(only) && textOf(fields[only]);
  const text = typeof plain === 'string' ? plain : JSON.stringify(fields);
  return { type: 'result', callId: ids.answered(name, textOf(answer['id'])), name, parts: [textPart(text)], fields };
}

/** Schemas and what programs say are nobody's names. */
const OPAQUE = /^(?:args|response|parameters|parametersJsonSchema|responseSchema|responseJsonSchema|labels)$/;

function camelCased(value: Json): Json {
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const said = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return [said, OPAQUE.test(said) ? each : casedWithin(each)];
    }),
  );
}

function casedWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(casedWithin);
  return isJson(value) ? camelCased(value) : value;
}
