import type { Citation } from '../../protocol/chat/content.ts';
import type { Fields } from '../../providers/fields.ts';

/** A text of an answer with what it rests on. */
export interface CitedText {
  readonly text: string;
  /** Its place among the candidate's parts, where a run of texts is one. */
  readonly partIndex: number;
  readonly citations: readonly Citation[];
}

/**
 * What texts rest on, as `groundingMetadata`: each page once, and for each
 * citation the segment that rests on it, in bytes of UTF-8 from the beginning of
 * its part. What names no page of the web has no word here.
 */
export function groundingOf(texts: readonly CitedText[]): Fields | undefined {
  const chunks: Fields[] = [];
  const pages = new Map<string, number>();
  const supports = texts.flatMap(({ text, partIndex, citations }) =>
    citations.flatMap((citation): Fields[] => {
      const { url, title = '' } = citation;
      if (url === undefined) return [];
      const page = pages.get(url) ?? chunks.push({ web: { uri: url, title } }) - 1;
      pages.set(url, page);
      return [{ segment: segmentOf(text, partIndex, citation), groundingChunkIndices: [page] }];
    }),
  );
  return chunks.length === 0 ? undefined : { groundingChunks: chunks, groundingSupports: supports };
}

/** A citation that has no place stands for its whole text. */
function segmentOf(text: string, partIndex: number, { textStart = 0, textEnd = text.length }: Citation): Fields {
  const startIndex = Buffer.byteLength(text.slice(0, textStart), 'utf8');
  const said = text.slice(textStart, textEnd);
  return {
    ...(partIndex === 0 ? {} : { partIndex }),
    ...(startIndex === 0 ? {} : { startIndex }),
    endIndex: startIndex + Buffer.byteLength(said, 'utf8'),
    text: said,
  };
}

/** A citation of a text that stands in a longer one. @param from where, and of how many characters it is */
export function placedIn(citation: Citation, from: number, chars: number): Citation {
  const { textStart = 0, textEnd = chars } = citation;
  return { ...citation, textStart: from + Math.min(textStart, chars), textEnd: from + Math.min(textEnd, chars) };
}
