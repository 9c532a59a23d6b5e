/**
 * Writes the JSON Schema of `leeward.yaml` into the package, for editors
 * without a running gateway: `node tools/make-config-schema.ts`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchemaText } from '../src/config/file-schema.ts';

writeFileSync(join(import.meta.dirname, '../assets/config.v1.schema.json'), configSchemaText());
