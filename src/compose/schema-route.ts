import { configJsonSchema } from '../config/file-schema.ts';
import type { Route } from '../edge/http/routes.ts';

/** Where an editor finds the JSON Schema of `leeward.yaml`. The number changes when a file of before would be refused. */
export const CONFIG_SCHEMA_PATH = '/schemas/config.v1.json';

/** Open to all: it says what a file may hold, and nothing about the file of this gateway. */
export function schemaRoute(): Route {
  let body: Buffer | undefined;
  return {
    method: 'GET',
    path: CONFIG_SCHEMA_PATH,
    guard: 'open',
    metering: 'none',
    handle({ res, requestId }) {
      body ??= Buffer.from(`${JSON.stringify(configJsonSchema())}\n`);
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
