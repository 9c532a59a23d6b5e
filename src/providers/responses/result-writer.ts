import type { ContentPart, ToolResultPart } from '../../protocol/chat/content.ts';
import { placeOf } from '../../protocol/chat/places.ts';
import { shortCallId } from '../openai/short-names.ts';
import type { WireObject } from '../openai/wire.ts';
import { type CallWriting, markCache } from './call-losses.ts';
import { contentJson } from './part-writer.ts';
import { ownFields, withRest } from './wire.ts';

/** OpenAI's bound of a `call_id` ("Expected a string with maximum length 64"). */
export const CALL_ID_CHARS_MAX = 64;

/**
 * The result of a tool: a text, or what pictures and documents it found. That
 * the tool failed has no word but the text.
 *
 * @param custom whether it is the result of a call whose argument is plain text
 */
export function toolResultJson(part: ToolResultPart, custom: boolean, place: string, writing: CallWriting): WireObject {
  const parts = part.isError === true ? failed(part.parts) : part.parts;
  const added = parts.length - part.parts.length;
  const nameOf = (at: number) => placeOf(part.parts[at - added], `${place}.content[${at - added}]`);
  const output = contentJson(parts, nameOf, writing);
  const plain = custom || ownFields(part.rest)['type'] === 'custom_tool_call_output';
  return withRest(
    {
      type: plain ? 'custom_tool_call_output' : 'function_call_output',
      call_id: shortCallId(part.callId, CALL_ID_CHARS_MAX),
      output: marked(output, part, place, writing),
    },
    part.rest,
  );
}

/** A text that says so itself stays as it is. */
function failed(parts: readonly ContentPart[]): readonly ContentPart[] {
  const [first, ...others] = parts;
  if (first?.type !== 'text') return [{ type: 'text', text: 'Error: the tool failed.' }, ...parts];
  if (/^\W*(?:\w+\s?)?(?:error|exception|fail)/i.test(first.text)) return parts;
  return [{ ...first, text: `Error: ${first.text}` }, ...others];
}

/** A marker of the whole result stands on the last of its parts. */
function marked(
  output: string | readonly Record<string, unknown>[],
  { cache }: ToolResultPart,
  place: string,
  writing: CallWriting,
): string | readonly WireObject[] {
  if (cache === undefined) return output;
  const parts =
    typeof output === 'string' ? [{ type: 'input_text', text: output }] : output.map((each) => ({ ...each }));
  const last = parts.at(-1);
  if (last !== undefined) markCache(last, cache, place, writing);
  return last !== undefined && 'prompt_cache_breakpoint' in last ? parts : output;
}
