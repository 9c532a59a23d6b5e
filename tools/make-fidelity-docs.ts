/** Writes `docs/fidelity.md` and the pages below it out of the tables that the gateway walks along: `node tools/make-fidelity-docs.ts`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fidelityTables } from '../src/protocol/fidelity/tables.ts';
import { explainedChecks } from './fidelity/explained-checks.ts';
import { fidelityPages } from './fidelity/markdown.ts';

const docs = join(import.meta.dirname, '../docs');
const folder = join(docs, 'fidelity');
mkdirSync(folder, { recursive: true });
for (const file of readdirSync(folder)) rmSync(join(folder, file));
for (const { path, text } of fidelityPages(fidelityTables, explainedChecks)) writeFileSync(join(docs, path), text);
