import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { z } from 'zod';

/** What the document says before its paths. */
export function openApiHead(version: string): NonNullable<FastifyDynamicSwaggerOptions['openapi']> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Leeward, administrative API',
      version,
      description:
        'For whoever runs this gateway. Every path wants the token in <data>/admin-token as a bearer token. Instants are ISO 8601 in UTC, unknown is null and never 0, and a list goes on where next_cursor says. Members may be added to answers at any time.',
    },
    tags: [
      { name: 'server', description: 'How it is' },
      { name: 'configuration', description: 'What is in force, and where it comes from' },
      { name: 'models', description: 'What calls can name' },
      { name: 'keys', description: 'Who may call' },
      { name: 'money', description: 'What may be spent, by whom, and what was bought' },
      { name: 'calls', description: 'What was called, what came of it, and what it cost' },
    ],
    components: { securitySchemes: { admin: { type: 'http', scheme: 'bearer' } } },
    security: [{ admin: [] }],
  };
}

/**
 * Answers grow: a client made from this document must not refuse a member that
 * it does not know. Questions stay strict. Where a format says what a text is,
 * the pattern that zod checks it by says it less well.
 */
export function openJsonSchema({
  zodSchema,
  jsonSchema,
}: {
  readonly zodSchema: z.core.$ZodTypes;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  const { def } = zodSchema._zod;
  if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas?: Readonly<Record<string, unknown>> };
}

const RESPONSES: Readonly<Record<string, string>> = {
  '4XX': 'Refused: the message says what was wrong and what to do next.',
  '5XX': 'The gateway could not answer.',
};

/** The document without the schemas that nothing in it refers to, and with words for its responses. */
export function finished(document: object): ApiDocument {
  const { components, ...rest } = document as ApiDocument;
  const schemas = components.schemas ?? {};
  const used = new Set<string>();
  const follow = (part: unknown) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name]);
    }
  };
  follow(rest);
  const own = Object.entries(schemas).filter(([name]) => used.has(name));
  const described = JSON.stringify(rest, (name, value: unknown) => withWords(name, value));
  return { ...(JSON.parse(described) as ApiDocument), components: { ...components, schemas: Object.fromEntries(own) } };
}

function withWords(name: string, value: unknown): unknown {
  if (name !== 'responses' || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Record<string, object>).map(([status, response]) => [
      status,
      { ...response, description: RESPONSES[status] ?? 'The answer.' },
    ]),
  );
}
