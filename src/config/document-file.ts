import type { z } from 'zod';
import { invalidConfig } from './config-error.ts';
import { inFileOrder, problemLine } from './config-report.ts';
import type { Finding } from './problem.ts';
import { schemaFindings } from './schema-findings.ts';
import { YamlSource } from './yaml-source.ts';

/** A kind of file beside `leeward.yaml` that is read with the same care. */
export interface DocumentKind<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** The schema in its JSON form, for editors and for guesses at misspelt keys. */
  jsonSchema(): Readonly<Record<string, unknown>>;
  /** What the schema cannot say: how fields must fit together. Asked only of a document that has the schema's shape. */
  meaning(document: z.output<Schema>): readonly Finding[];
}

export interface ReadDocument<Schema extends z.ZodType> {
  readonly document: z.output<Schema>;
  /** One line each, with the position in the file. */
  readonly warnings: readonly string[];
}

/**
 * A YAML or JSON text as a document of a kind.
 *
 * @param name what reports call the file
 * @throws ConfigError with every problem of the text at once, each with line, column and a caret
 */
export function readDocument<Schema extends z.ZodType>(
  name: string,
  text: string,
  { schema, jsonSchema, meaning }: DocumentKind<Schema>,
): ReadDocument<Schema> {
  const source = new YamlSource(text);
  const syntax = source.syntaxProblems();
  if (source.broken) throw invalidConfig(name, syntax, source);
  const plain = source.toPlain() ?? {};
  const parsed = schema.safeParse(plain);
  const findings = parsed.success ? meaning(parsed.data) : schemaFindings(parsed.error.issues, plain, jsonSchema);
  const problems = inFileOrder([...syntax, ...findings.map((finding) => source.locate(finding))]);
  if (!parsed.success || problems.some(({ severity }) => severity === 'error')) {
    throw invalidConfig(name, problems, source);
  }
  return { document: parsed.data, warnings: problems.map((problem) => problemLine(name, problem)) };
}
