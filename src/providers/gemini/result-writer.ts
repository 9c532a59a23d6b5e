import type { ContentPart, ToolResultPart } from '../../protocol/chat/content.ts';
import type { Fields } from '../fields.ts';
import { inputOf } from '../tool-input.ts';
import { type CallWriting, idFor, loseMarker } from './call-losses.ts';
import { functionName } from './function-names.ts';
import { merged, writePart } from './part-writer.ts';
import { ownRest } from './wire.ts';

export interface WrittenResult {
  readonly response: Fields;
  /** What the model does not read inside a result, after a line that says whose it is. */
  readonly after: readonly Fields[];
}

/**
 * The result of a function. Its texts are the member `output`, or `error` where
 * it failed; a text that is a JSON object is that object, as a function of
 * Gemini's own would have answered. Pictures and documents stand beside it, or
 * follow it where the model is not known to read them there.
 *
 * @param name of the function that was called
 */
export function writeResult(part: ToolResultPart, name: string, place: string, writing: CallWriting): WrittenResult {
  loseMarker(writing, part.cache, place);
  const texts: string[] = [];
  const media: Fields[] = [];
  for (const [at, inner] of part.parts.entries()) {
    for (const written of writePart(inner, `${place}.content[${at}]`, 'user', writing)) {
      if (typeof written['text'] === 'string') texts.push(written['text']);
      else media.push(written);
    }
  }
  const inside = writing.habits.mediaInResults ? media : [];
  const outside = writing.habits.mediaInResults ? [] : media;
  const response = {
    functionResponse: {
      ...idFor(part.callId, writing),
      name: functionName(name),
      response: responseOf(part, texts, outside.length > 0),
      ...(inside.length === 0 ? {} : { parts: inside }),
    },
  };
  const rest = ownRest(part.rest);
  return {
    response: rest === undefined ? response : merged(response, rest),
    after: outside.length === 0 ? [] : [{ text: `Of the result of the function ${name}:` }, ...outside],
  };
}

function responseOf(part: ToolResultPart, texts: readonly string[], follows: boolean): object {
  const text = texts.join('\n');
  if (part.isError === true) return { error: text === '' ? 'The tool failed and said nothing.' : text };
  if (texts.length === 0 && follows) return { output: 'The result follows.' };
  // Not of a text in several pieces, or of one that is blank: those are what they are.
  const object = texts.length === 1 && text.trim() !== '' ? inputOf(text) : undefined;
  return object ?? { output: text };
}

/** Where in a message the results of functions stand. */
export function isResult(part: ContentPart): part is ToolResultPart {
  return part.type === 'tool-result';
}
