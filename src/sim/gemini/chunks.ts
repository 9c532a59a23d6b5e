import type { JsonObject } from '../json-object.ts';

/** What stands at the end of every answer and every chunk of a stream. */
export interface ResponseTail {
  readonly modelVersion: string;
  readonly responseId: string;
}

/** A `GenerateContentResponse` as JSON. The usage need not be JSON. */
export function responseJson(head: JsonObject, usage: string | undefined, tail: ResponseTail): string {
  const begun = JSON.stringify(head).slice(1, -1);
  const members = [
    ...(begun === '' ? [] : [begun]),
    ...(usage === undefined ? [] : [`"usageMetadata":${usage}`]),
    JSON.stringify(tail).slice(1, -1),
  ];
  return `{${members.join(',')}}`;
}
