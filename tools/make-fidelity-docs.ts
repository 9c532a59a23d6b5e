/** Writes `docs/fidelity.md` out of the tables that the gateway walks along: `node tools/make-fidelity-docs.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fidelityTables } from '../src/protocol/fidelity/tables.ts';
import { explainedChecks } from './fidelity/explained-checks.ts';
import { fidelityMarkdown } from './fidelity/markdown.ts';

writeFileSync(join(import.meta.dirname, '../docs/fidelity.md'), fidelityMarkdown(fidelityTables, explainedChecks));
