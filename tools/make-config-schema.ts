/**
 * Writes the JSON Schemas of `leeward.yaml` and of a forecast's files into the
 * package, for editors without a running gateway: `node tools/make-config-schema.ts`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchemaText } from '../src/config/file-schema.ts';
import { trafficJsonSchema } from '../src/forecast/traffic-file.ts';
import { weatherJsonSchema } from '../src/forecast/weather-file.ts';

const assets = join(import.meta.dirname, '../assets');
writeFileSync(join(assets, 'config.v1.schema.json'), configSchemaText());
for (const [name, schema] of [
  ['traffic', trafficJsonSchema()],
  ['weather', weatherJsonSchema()],
] as const) {
  writeFileSync(join(assets, `${name}.v1.schema.json`), `${JSON.stringify(schema, undefined, 2)}\n`);
}
