import { type JsonMember, jsonElements, type Splice } from '../kernel/json-members.ts';

/** Where a value stands in a body's bytes. */
export type Place = Omit<JsonMember, 'key'>;

/** Where the elements of an array stand in a body. */
export function elementsOf(body: Buffer, { valueStart, valueEnd }: Place): Place[] {
  return jsonElements(body.subarray(valueStart, valueEnd)).map((place) => moved(place, valueStart));
}

/** A place that was found in a part of the bytes, as one in all of them. */
export function moved({ valueStart, valueEnd }: Place, by: number): Place {
  return { valueStart: valueStart + by, valueEnd: valueEnd + by };
}

/**
 * Takes elements out of an array's bytes: each leaves with the comma that parts
 * it from the next one that stays, or from the last one before the end.
 *
 * @param out their indexes, ascending
 */
export function withoutElements(places: readonly Place[], out: readonly number[]): Splice[] {
  const gone = new Set(out);
  const lastKept = places.findLastIndex((_, at) => !gone.has(at));
  return out.flatMap((at): Splice[] => {
    const place = places[at];
    if (place === undefined) return [];
    const next = places[at + 1];
    if (at < lastKept && next !== undefined) return [{ start: place.valueStart, end: next.valueStart, text: '' }];
    const before = places[at - 1];
    return [{ start: before?.valueEnd ?? place.valueStart, end: place.valueEnd, text: '' }];
  });
}
