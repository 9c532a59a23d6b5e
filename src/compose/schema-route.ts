import { configJsonSchema } from '../config/file-schema.ts';
import type { Route } from '../edge/http/routes.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Where an editor finds the JSON Schemas of `leeward.yaml` and of a forecast's
 * files. A number changes when a file of before would be refused. What the
 * gateway itself does not need is loaded when somebody asks for it.
 */
const SCHEMAS: Readonly<Record<string, () => JsonSchema | Promise<JsonSchema>>> = {
  '/schemas/config.v1.json': configJsonSchema,
  '/schemas/traffic.v1.json': async () => (await import('../forecast/traffic-file.ts')).trafficJsonSchema(),
  '/schemas/weather.v1.json': async () => (await import('../forecast/weather-file.ts')).weatherJsonSchema(),
};

/** Open to all: they say what a file may hold, and nothing about the files of this gateway. */
export function schemaRoutes(): Route[] {
  return Object.entries(SCHEMAS).map(([path, schema]) => schemaRoute(path, schema));
}

function schemaRoute(path: string, schema: () => JsonSchema | Promise<JsonSchema>): Route {
  let body: Buffer | undefined;
  return {
    method: 'GET',
    path,
    guard: 'open',
    metering: 'none',
    async handle({ res, requestId }) {
      body ??= Buffer.from(`${JSON.stringify(await schema())}\n`);
      res.writeHead(200, [
        'content-type',
        'application/schema+json',
        'content-length',
        String(body.length),
        'cache-control',
        'max-age=300',
        'x-request-id',
        requestId,
      ]);
      res.end(body);
    },
  };
}
