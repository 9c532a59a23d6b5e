import type { EncodeTarget } from '../../exchange/dialect.ts';
import { type JsonMember, jsonMembers, type Splice } from '../../kernel/json-members.ts';
import type { ForeignMember, Loss, TargetVocabulary } from '../../protocol/chat/codec.ts';
import { NO_THOUGHT } from '../../providers/openai/reasoning.ts';
import { elementsOf } from '../array-cuts.ts';
import { isObject } from '../request-object.ts';

/** The names under which a thought is plain text. */
const PLAIN_THOUGHTS: ReadonlySet<string> = new Set(['reasoning_content', 'reasoning']);
const CALL_MEMBER = 'extra_content' satisfies ForeignMember;
const REASON = 'what another model said there this provider refuses';

interface ReadMessages {
  readonly body: Buffer;
  /** Where the messages stand in it. */
  readonly member: JsonMember | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Turns of other models that the client sends back as it got them: members of
 * an assistant's message that this provider would refuse are cut out of the
 * bytes. A thought goes under the provider's own name for it, where it has one;
 * who refuses a turn without a thought gets one that says nothing.
 */
export function foreignTurns(
  { body, member, fields }: ReadMessages,
  { vocabulary: { foreignMembers = [], reasoningField, thoughtNeeded } = {} }: EncodeTarget,
  losses: Loss[],
): { readonly splices: readonly Splice[]; readonly messages: unknown } {
  const { messages } = fields;
  if (foreignMembers.length === 0 && thoughtNeeded !== true) return { splices: [], messages };
  if (member === undefined || !Array.isArray(messages)) return { splices: [], messages };
  const foreign: ReadonlySet<string> = new Set(foreignMembers);
  const needed = thoughtNeeded === true && isThinkingWithTools(fields, messages);
  const turns = messages.flatMap((message, at) =>
    isAssistant(message) && (isForeign(message, foreign) || (needed && lacksThought(message, reasoningField)))
      ? at
      : [],
  );
  if (turns.length === 0) return { splices: [], messages };
  const places = elementsOf(body, member);
  const own: unknown[] = [...messages];
  const splices = turns.flatMap((at): Splice[] => {
    const place = places[at];
    if (place === undefined) return [];
    const { valueStart: start, valueEnd: end } = place;
    const turn = { foreign, reasoningField, needed, field: `messages[${at}]`, losses };
    const text = ownTurn(body.subarray(start, end), turn);
    own[at] = JSON.parse(text);
    return [{ start, end, text }];
  });
  return { splices, messages: own };
}

/**
 * Thoughts are asked for where the model calls tools; it thinks unless it is told not to.
 *
 * @see https://api-docs.deepseek.com/guides/thinking_mode (read 2026-11-22)
 */
function isThinkingWithTools({ thinking }: ReadMessages['fields'], messages: readonly unknown[]): boolean {
  if (isObject(thinking) && thinking['type'] === 'disabled') return false;
  return messages.some((message) => isAssistant(message) && Array.isArray(message['tool_calls']));
}

function isAssistant(message: unknown): message is Readonly<Record<string, unknown>> {
  return isObject(message) && message['role'] === 'assistant';
}

function lacksThought(message: Readonly<Record<string, unknown>>, name: string | undefined): boolean {
  if (name === undefined) return false;
  const thought = message[name];
  return typeof thought !== 'string' || thought === '';
}

function isForeign(message: Readonly<Record<string, unknown>>, foreign: ReadonlySet<string>): boolean {
  for (const name of foreign) if (name in message) return true;
  const { tool_calls: calls } = message;
  return foreign.has(CALL_MEMBER) && Array.isArray(calls) && calls.some(isMarkedCall);
}

function isMarkedCall(call: unknown): boolean {
  return isObject(call) && CALL_MEMBER in call;
}

interface Turn {
  readonly foreign: ReadonlySet<string>;
  readonly reasoningField: TargetVocabulary['reasoningField'];
  /** Whether the turn must hold a thought. */
  readonly needed: boolean;
  readonly field: string;
  readonly losses: Loss[];
}

/** One member of a message, as it is written. */
interface Written {
  readonly key: string;
  readonly raw: string;
}

/** A message's bytes as this provider takes them, every value that stays as it was written. */
function ownTurn(bytes: Buffer, turn: Turn): string {
  const members = jsonMembers(bytes).map((member): Written => ({ key: member.key, raw: textAt(bytes, member) }));
  const thought = ownThought(members, turn);
  const kept = members.flatMap(({ key, raw }): Written[] => {
    if (key === turn.reasoningField && thought !== undefined) return [];
    if (key === thought?.from) return [{ key: thought.key, raw }];
    if (turn.foreign.has(key)) {
      // One that says the same in another form than the thought that stays is no loss.
      if (says(raw) && !(thought?.from !== undefined && PLAIN_THOUGHTS.has(key))) note(turn, key);
      return [];
    }
    return [key === 'tool_calls' && turn.foreign.has(CALL_MEMBER) ? { key, raw: ownCalls(raw, turn) } : { key, raw }];
  });
  if (thought !== undefined && thought.from === undefined) {
    kept.push({ key: thought.key, raw: JSON.stringify(NO_THOUGHT) });
  }
  return objectOf(kept);
}

/**
 * What is to stand under the provider's name for thoughts, where nothing stands
 * there yet: a thought that stands elsewhere, or none. `undefined`: it stays as it is.
 */
function ownThought(
  members: readonly Written[],
  { foreign, needed, reasoningField: key }: Turn,
): { readonly key: string; readonly from?: string } | undefined {
  if (key === undefined || !PLAIN_THOUGHTS.has(key) || foreign.has(key)) return undefined;
  if (members.some((member) => member.key === key && says(member.raw))) return undefined;
  const found = members.find(
    (member) => PLAIN_THOUGHTS.has(member.key) && says(member.raw) && (needed || foreign.has(member.key)),
  );
  if (found !== undefined) return { key, from: found.key };
  return needed ? { key } : undefined;
}

function ownCalls(raw: string, turn: Turn): string {
  const calls: unknown = JSON.parse(raw);
  if (!Array.isArray(calls) || !calls.some(isMarkedCall)) return raw;
  const bytes = Buffer.from(raw);
  const texts = elementsOf(bytes, { valueStart: 0, valueEnd: bytes.length }).map((place, at) => {
    const text = textAt(bytes, place);
    if (!isMarkedCall(calls[at])) return text;
    note(turn, `tool_calls[${at}].${CALL_MEMBER}`);
    const call = Buffer.from(text);
    const kept = jsonMembers(call).filter(({ key }) => key !== CALL_MEMBER);
    return objectOf(kept.map((member) => ({ key: member.key, raw: textAt(call, member) })));
  });
  return `[${texts.join(',')}]`;
}

function says(raw: string): boolean {
  return raw !== 'null' && raw !== '""' && raw !== '[]' && raw !== '{}';
}

function note({ losses, field }: Turn, member: string): void {
  losses.push({ field: `${field}.${member}`, reason: REASON });
}

function textAt(bytes: Buffer, { valueStart, valueEnd }: Omit<JsonMember, 'key'>): string {
  return bytes.toString('utf8', valueStart, valueEnd);
}

function objectOf(members: readonly Written[]): string {
  return `{${members.map(({ key, raw }) => `${JSON.stringify(key)}:${raw}`).join(',')}}`;
}
