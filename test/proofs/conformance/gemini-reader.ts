import { isJson, type Json, numberOf, objectOf, objectsOf, textOf } from './json.ts';
import { wholeCalls } from './partial-calls.ts';
import { EMPTY_READING, type Reading, type ReadToolCall, type ReadUsage, sealsIn } from './reading.ts';
import type { StreamData } from './sse-text.ts';

/** What a whole GenerateContentResponse says in its first candidate. */
export function readGenerated(answer: Json): Reading {
  const candidates = objectsOf(answer['candidates']);
  const [candidate = {}] = candidates;
  const blocked = textOf(objectOf(answer['promptFeedback'])['blockReason']);
  if (isJson(answer['error'])) return { ...EMPTY_READING, error: errorText(answer) };
  if (candidates.length === 0 && blocked === undefined) return { ...EMPTY_READING, error: 'it has no candidates' };
  const parts = objectsOf(objectOf(candidate['content'])['parts']);
  const finish = textOf(candidate['finishReason']) ?? (blocked === undefined ? undefined : 'SAFETY');
  const texts = parts.filter((part) => textOf(part['text']) !== undefined);
  const said = texts.filter(({ thought }) => thought !== true);
  const sealed = parts.filter((part) => isText(part) === false || part['thought'] === true);
  const given = finish?.startsWith('MALFORMED') === true && parts.length === 0;
  return {
    ...EMPTY_READING,
    text: joined(said),
    reasoning: joined(texts.filter(({ thought }) => thought === true)),
    ...sealsIn('gemini', sealed.map(signatureOf)),
    textSeals: sealsIn('gemini', said.map(signatureOf)).foreignSeals,
    toolCalls: parts.flatMap(({ functionCall: call }) => (isJson(call) ? [toolCallOf(call)] : [])),
    finish,
    usage: geminiUsage(answer['usageMetadata']),
    webCitations: citationsOf(candidate),
    hosted: parts.flatMap(hostedOf),
    logprobs: objectsOf(objectOf(candidate['logprobsResult'])['chosenCandidates']).length,
    choices: Math.max(1, candidates.length),
    error: given ? `it gave up: ${finish}` : undefined,
  };
}

function isText(part: Json): boolean {
  return textOf(part['text']) !== undefined;
}

function joined(parts: readonly Json[]): string {
  return parts.map(({ text }) => textOf(text) ?? '').join('');
}

const MARK = 'leeward-unsigned';

/** Google's own as it is; that of another maker is base64 of its mark and itself. */
function signatureOf({ thoughtSignature }: Json): string {
  const value = textOf(thoughtSignature) ?? '';
  const inside = Buffer.from(value, 'base64').toString('utf8');
  return inside.startsWith(MARK) ? inside : value;
}

function toolCallOf(call: Json): ReadToolCall {
  return { id: textOf(call['id']) ?? '', name: textOf(call['name']) ?? '', arguments: call['args'] ?? {} };
}

const SAID = new Set(['text', 'thought', 'thoughtSignature', 'functionCall', 'partMetadata']);

function hostedOf(part: Json): string[] {
  return Object.keys(part).filter((name) => !SAID.has(name));
}

/** Pages that sentences rest on; all that were read where no sentence is named. */
function citationsOf(candidate: Json): string[] {
  const grounding = objectOf(candidate['groundingMetadata']);
  const pages = objectsOf(grounding['groundingChunks']).map(
    (chunk) =>
      textOf(objectOf(chunk['web'] ?? chunk['maps'] ?? chunk['retrievedContext'] ?? chunk['image'])['uri']) ?? '',
  );
  const supports = objectsOf(grounding['groundingSupports']);
  const cited = supports.flatMap(({ groundingChunkIndices: places }) =>
    Array.isArray(places) ? places.map((place) => pages[Number(place)] ?? '') : [],
  );
  const recited = objectOf(candidate['citationMetadata']);
  const sources = [...objectsOf(recited['citationSources']), ...objectsOf(recited['citations'])];
  const found = supports.length > 0 ? cited : pages;
  return [...found, ...sources.map(({ uri }) => textOf(uri) ?? '')].filter((url) => url !== '');
}

/** What a streamed answer says: its events are answers themselves, each with what is new; counts are the last that came. */
export function readGeneratedStream(events: readonly StreamData[]): Reading {
  const parts: Json[] = [];
  const candidate: Record<string, unknown> = {};
  const indices = new Set<number>();
  let feedback: unknown;
  let usage: unknown;
  let logprobs: Json[] = [];
  for (const { data } of events) {
    if (isJson(data['error'])) return { ...EMPTY_READING, error: errorText(data) };
    usage = data['usageMetadata'] ?? usage;
    feedback = data['promptFeedback'] ?? feedback;
    for (const each of objectsOf(data['candidates'])) {
      indices.add(numberOf(each['index']) ?? 0);
      if ((numberOf(each['index']) ?? 0) !== 0) continue;
      parts.push(...objectsOf(objectOf(each['content'])['parts']));
      logprobs = [...logprobs, ...objectsOf(objectOf(each['logprobsResult'])['chosenCandidates'])];
      for (const name of ['finishReason', 'groundingMetadata', 'citationMetadata']) {
        if (each[name] !== undefined) candidate[name] = each[name];
      }
    }
  }
  const whole = { ...candidate, content: { parts: wholeCalls(parts) }, logprobsResult: { chosenCandidates: logprobs } };
  const said = indices.size === 0 ? [] : [whole];
  const reading = readGenerated({ candidates: said, usageMetadata: usage, promptFeedback: feedback });
  return { ...reading, choices: Math.max(1, indices.size) };
}

/** What tools read comes on top of the prompt, what was thought on top of what was said. */
export function geminiUsage(value: unknown): ReadUsage | undefined {
  if (!isJson(value)) return undefined;
  const count = (name: string) => numberOf(value[name]);
  const [prompt, tools] = [count('promptTokenCount'), count('toolUsePromptTokenCount')];
  const [said, thought, total] = [
    count('candidatesTokenCount') ?? count('responseTokenCount'),
    count('thoughtsTokenCount'),
    count('totalTokenCount'),
  ];
  if (prompt === undefined && said === undefined) return undefined;
  const input = (prompt ?? 0) + (tools ?? 0);
  const uncounted = total === undefined ? 0 : total - input - (thought ?? 0);
  return {
    input,
    cacheRead: count('cachedContentTokenCount'),
    cacheWrite: undefined,
    output: (said ?? uncounted) + (thought ?? 0),
    reasoning: thought,
  };
}

function errorText(value: Json): string {
  const error = objectOf(value['error']);
  return `${textOf(error['status']) ?? String(error['code'] ?? 'error')}: ${textOf(error['message']) ?? ''}`;
}
