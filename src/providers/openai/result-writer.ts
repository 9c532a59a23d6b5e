import type { ContentPart, TextPart, ToolResultPart } from '../../protocol/chat/content.ts';
import { placeOf } from '../../protocol/chat/places.ts';
import { type CallWriting, markCache } from './call-losses.ts';
import { contentJson } from './part-writer.ts';
import { shortCallId, shortName } from './short-names.ts';
import { type WireObject, withRest } from './wire.ts';

interface WrittenResult {
  readonly message: WireObject;
  /** What a message of the role `tool` cannot hold, after a line that says whose it is; each with the client's name for it. */
  readonly after: readonly PlacedPart[];
}

export interface PlacedPart {
  readonly part: ContentPart;
  readonly place: string;
}

/**
 * The result of a tool. A message of the role `tool` holds text: pictures and
 * documents follow in a message of the user's. That a tool failed has no word
 * but the text.
 */
export function toolResultJson(part: ToolResultPart, place: string, writing: CallWriting): WrittenResult {
  const parts = part.parts.map((inner, at) => ({
    part: plain(inner),
    place: placeOf(inner, `${place}.content[${at}]`),
  }));
  const texts = parts.filter((inner): inner is PlacedPart & { readonly part: TextPart } => isText(inner.part));
  const others = parts.filter((inner) => !isText(inner.part));
  const said = texts.map((inner) => inner.part);
  const [first] = said;
  if (first === undefined && others.length > 0) said.push(text('The result follows in the next message of the user.'));
  if (part.isError === true) markFailed(said);
  const content = contentJson(said, (at) => texts[at]?.place ?? place, writing);
  const message = withRest(
    {
      role: 'tool',
      tool_call_id: shortCallId(part.callId),
      content: marked(content, part, place, writing),
      ...(part.name === undefined ? {} : { name: shortName(part.name) }),
    },
    part.rest,
  );
  const head = { part: text(`Of the result of the tool call ${shortCallId(part.callId)}:`), place };
  return { message, after: others.length === 0 ? [] : [head, ...others] };
}

/** Of a tool that was found, the name: what it does stands among the tools, which are all told at once here. */
function plain(part: ContentPart): ContentPart {
  if (part.type !== 'tool-reference') return part;
  return { ...text(part.name), ...(part.cache === undefined ? {} : { cache: part.cache }) };
}

function isText(part: ContentPart): part is TextPart {
  return part.type === 'text';
}

function text(content: string): TextPart {
  return { type: 'text', text: content };
}

/** Unless the text says so itself. */
function markFailed(said: TextPart[]): void {
  const [first] = said;
  if (first === undefined) said.push(text('Error: the tool failed and said nothing.'));
  else if (!/^\W*(?:\w+\s?)?(?:error|exception|fail)/i.test(first.text))
    said[0] = { ...first, text: `Error: ${first.text}` };
}

/** A marker of the whole result stands on its last text, if that has none of its own. */
function marked(
  content: string | readonly WireObject[],
  { cache }: ToolResultPart,
  place: string,
  writing: CallWriting,
): string | readonly WireObject[] {
  if (cache === undefined) return content;
  const parts: Record<string, unknown>[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : content.map((part) => ({ ...part }));
  const last = parts.at(-1);
  if (last !== undefined) markCache(last, cache, place, writing);
  return writing.traits.cacheMarkers === undefined ? content : parts;
}
