import type { EncodeTarget } from '../../exchange/dialect.ts';
import { type JsonMember, jsonMembers, type Splice } from '../../kernel/json-members.ts';
import type { ForeignMember, Loss } from '../../protocol/chat/codec.ts';
import { elementsOf } from '../array-cuts.ts';
import { isObject } from '../request-object.ts';

type Wanted = Pick<EncodeTarget, 'foreignMembers' | 'reasoningField'>;

/** The names under which a thought is plain text. */
const PLAIN_THOUGHTS: ReadonlySet<string> = new Set(['reasoning_content', 'reasoning']);
const CALL_MEMBER = 'extra_content' satisfies ForeignMember;
const REASON = 'what another model said there this provider refuses';

/**
 * Turns of other models that the client sends back as it got them: members of
 * an assistant's message that this provider would refuse are cut out of the
 * bytes. A thought goes under the provider's own name for it, where it has one.
 */
export function withoutForeignMembers(
  read: { readonly body: Buffer; readonly member: JsonMember | undefined; readonly messages: unknown },
  { foreignMembers, reasoningField }: Wanted,
  losses: Loss[],
): { readonly splices: readonly Splice[]; readonly messages: unknown } {
  const { body, member, messages } = read;
  if (foreignMembers === undefined || member === undefined || !Array.isArray(messages))
    return { splices: [], messages };
  const foreign: ReadonlySet<string> = new Set(foreignMembers);
  const turns = messages.flatMap((message, at) => (isForeign(message, foreign) ? at : []));
  if (turns.length === 0) return { splices: [], messages };
  const places = elementsOf(body, member);
  const own: unknown[] = [...messages];
  const splices = turns.flatMap((at): Splice[] => {
    const place = places[at];
    if (place === undefined) return [];
    const { valueStart: start, valueEnd: end } = place;
    const text = ownTurn(body.subarray(start, end), { foreign, reasoningField, field: `messages[${at}]`, losses });
    own[at] = JSON.parse(text);
    return [{ start, end, text }];
  });
  return { splices, messages: own };
}

function isForeign(message: unknown, foreign: ReadonlySet<string>): boolean {
  if (!isObject(message) || message['role'] !== 'assistant') return false;
  for (const name of foreign) if (name in message) return true;
  const { tool_calls: calls } = message;
  return foreign.has(CALL_MEMBER) && Array.isArray(calls) && calls.some(isMarkedCall);
}

function isMarkedCall(call: unknown): boolean {
  return isObject(call) && CALL_MEMBER in call;
}

interface Turn {
  readonly foreign: ReadonlySet<string>;
  readonly reasoningField: EncodeTarget['reasoningField'];
  readonly field: string;
  readonly losses: Loss[];
}

/** A message's bytes without its foreign members, every other value as it was written. */
function ownTurn(bytes: Buffer, turn: Turn): string {
  const members = jsonMembers(bytes);
  const thought = ownThought(bytes, members, turn);
  return objectOf(
    members.flatMap(({ key, ...place }): string[] => {
      const raw = textAt(bytes, place);
      if (key === thought?.key) return [memberText(thought.name, raw)];
      if (turn.foreign.has(key)) {
        // One that says the same in another form than the thought that stays is no loss.
        if (says(raw) && !(thought !== undefined && PLAIN_THOUGHTS.has(key))) note(turn, key);
        return [];
      }
      if (key === 'tool_calls' && turn.foreign.has(CALL_MEMBER)) return [memberText(key, ownCalls(raw, turn))];
      return [memberText(key, raw)];
    }),
  );
}

/** The plain thought that is to stand under the provider's name for thoughts, where nothing stands there yet. */
function ownThought(bytes: Buffer, members: readonly JsonMember[], { foreign, reasoningField: name }: Turn) {
  if (name === undefined || !PLAIN_THOUGHTS.has(name) || foreign.has(name)) return undefined;
  if (members.some(({ key, ...place }) => key === name && says(textAt(bytes, place)))) return undefined;
  const found = members.find(
    ({ key, ...place }) => foreign.has(key) && PLAIN_THOUGHTS.has(key) && says(textAt(bytes, place)),
  );
  return found === undefined ? undefined : { key: found.key, name };
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
    return objectOf(kept.map((member) => memberText(member.key, textAt(call, member))));
  });
  return `[${texts.join(',')}]`;
}

/** Of a value as it is written. */
function says(raw: string): boolean {
  return raw !== 'null' && raw !== '""' && raw !== '[]' && raw !== '{}';
}

function note({ losses, field }: Turn, member: string): void {
  losses.push({ field: `${field}.${member}`, reason: REASON });
}

function textAt(bytes: Buffer, { valueStart, valueEnd }: Omit<JsonMember, 'key'>): string {
  return bytes.toString('utf8', valueStart, valueEnd);
}

function memberText(key: string, raw: string): string {
  return `${JSON.stringify(key)}:${raw}`;
}

function objectOf(members: readonly string[]): string {
  return `{${members.join(',')}}`;
}
