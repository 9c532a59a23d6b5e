import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { importConfig } from '../../config/import/import-config.ts';
import type { Imported, ImportProduct } from '../../config/import/imported.ts';
import { errorCode, errorMessage } from '../../kernel/errors.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { printJson } from '../io.ts';
import { importReport } from './import-report.ts';

export interface ImportFlags {
  readonly out: string;
  readonly force?: boolean;
  readonly model?: string;
  readonly json?: boolean;
}

const FILE_BYTES_MAX = 4 * 2 ** 20;

/** Reads the file, writes ours, and says what became of it. @throws CliFailure, ConfigError */
export function runImport(product: ImportProduct, file: string, flags: ImportFlags, context: Context): void {
  const { io } = context;
  const toStdout = flags.out === '-';
  if (toStdout && flags.json === true) {
    throw new CliFailure('--json and --out - both want stdout', {
      exitCode: EXIT.usage,
      next: 'name a file to write, or leave --json out',
    });
  }
  if (!toStdout && flags.force !== true && existsSync(flags.out)) {
    throw new CliFailure(`${flags.out} is there already`, {
      exitCode: EXIT.conflict,
      next: 'choose another name with --out, or replace it with --force',
    });
  }
  const imported = importConfig(product, {
    path: file,
    text: sourceText(file),
    ...(flags.model === undefined ? {} : { model: flags.model }),
  });
  if (toStdout) io.out(imported.yaml);
  // Not over a file that has come into being since it was looked for.
  else writeFileSync(flags.out, imported.yaml, { flag: flags.force === true ? 'w' : 'wx' });
  if (flags.json === true) printJson(io, jsonOf(product, file, flags.out, imported));
  else io.err(importReport(imported, { file, out: toStdout ? undefined : flags.out, env: io.env }));
  context.setExitCode(imported.left.length === 0 ? EXIT.ok : EXIT.incomplete);
}

function jsonOf(product: string, source: string, out: string, { carried, left, variables, warnings }: Imported) {
  return { product, source, out, complete: left.length === 0, carried, left, variables, warnings };
}

function sourceText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > FILE_BYTES_MAX) {
      throw new CliFailure(`${file} is larger than ${FILE_BYTES_MAX} bytes`, {
        exitCode: EXIT.config,
        next: 'import a smaller part of it',
      });
    }
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') {
      throw new CliFailure(`there is no file ${JSON.stringify(file)}: ${errorMessage(cause)}`, {
        exitCode: EXIT.notFound,
        next: 'check the path',
        cause,
      });
    }
    throw cause;
  }
}
