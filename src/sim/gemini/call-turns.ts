import type { Content } from './contents.ts';
import { GeminiRefusal } from './errors.ts';
import type { Part } from './parts.ts';

/** What one side said before the other spoke again, in however many contents. */
interface Turn {
  readonly role: Content['role'];
  readonly parts: readonly Part[];
  /** Of its first content. */
  readonly index: number;
}

function turnsOf(contents: readonly Content[]): Turn[] {
  const turns: { role: Content['role']; parts: Part[]; index: number }[] = [];
  contents.forEach(({ role, parts }, index) => {
    const last = turns.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else turns.push({ role, parts: [...parts], index });
  });
  return turns;
}

const COUNT_DIFFERS =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
const LOOSE_CALL =
  'Please ensure that function call turn comes immediately after a user turn or after a function response turn.';
const LOOSE_RESPONSE = 'Please ensure that function response turn comes immediately after a function call turn.';

/**
 * Calls and what answers them: every call of a turn is answered in the next
 * one, and nothing else is.
 *
 * @param signed whether the model wants its signatures back
 * @throws GeminiRefusal
 */
export function refuseLooseCalls(contents: readonly Content[], signed: boolean): void {
  const turns = turnsOf(contents);
  turns.forEach(({ role, parts }, at) => {
    const calls = parts.filter(({ kind }) => kind === 'call');
    const responses = parts.filter(({ kind }) => kind === 'response');
    if (role === 'model') {
      if (responses.length > 0) throw new GeminiRefusal(400, LOOSE_RESPONSE);
      if (calls.length > 0 && at === 0) throw new GeminiRefusal(400, LOOSE_CALL);
      if (calls.length > 0 && at === turns.length - 1) throw new GeminiRefusal(400, COUNT_DIFFERS);
      return;
    }
    if (calls.length > 0) throw new GeminiRefusal(400, LOOSE_CALL);
    const asked = (turns[at - 1]?.parts ?? []).filter(({ kind }) => kind === 'call');
    if (responses.length > 0 && asked.length === 0) throw new GeminiRefusal(400, LOOSE_RESPONSE);
    if (responses.length !== asked.length) throw new GeminiRefusal(400, COUNT_DIFFERS);
    refuseStrangers(asked, responses);
  });
  if (signed) refuseUnsigned(turns);
}

/** A response says by its id, or else by its name, which call it answers. */
function refuseStrangers(calls: readonly Part[], responses: readonly Part[]): void {
  const open = [...calls];
  for (const { id, name } of responses) {
    const at = open.findIndex((call) =>
      id === undefined || call.id === undefined ? call.name === name : call.id === id && call.name === name,
    );
    if (at >= 0) {
      open.splice(at, 1);
      continue;
    }
    const shown = id === undefined ? `"${name}"` : `"${name}" with id "${id}"`;
    throw new GeminiRefusal(400, `The function response ${shown} answers none of the function calls before it.`);
  }
}

/** In the turn that is going on, the first call of each step brings the thought that led to it. */
function refuseUnsigned(turns: readonly Turn[]): void {
  const asked = turns.findLastIndex(
    ({ role, parts }) => role === 'user' && !parts.some(({ kind }) => kind === 'response'),
  );
  for (const { role, parts, index } of turns.slice(asked + 1)) {
    const call = role === 'model' ? parts.find(({ kind }) => kind === 'call') : undefined;
    if (call === undefined || call.signature !== undefined) continue;
    throw new GeminiRefusal(
      400,
      'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, ' +
        'and missing thought_signature may lead to degraded model performance. Additional data, function call ' +
        `\`default_api:${call.name}\` , position ${index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`,
    );
  }
}
