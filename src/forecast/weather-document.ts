import type { DocumentKind } from '../config/document-file.ts';
import { weatherJsonSchema, weatherSchema } from './weather-file.ts';
import { weatherFindings } from './weather-findings.ts';

/** @param known names of the latency profiles that a file need not have itself */
export function weatherKind(known: readonly string[]): DocumentKind<typeof weatherSchema> {
  return {
    schema: weatherSchema,
    jsonSchema: weatherJsonSchema,
    meaning: (file) => weatherFindings(file, known),
  };
}
