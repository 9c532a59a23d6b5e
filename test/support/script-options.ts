import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

const USAGE_ERROR = 2;

/**
 * The options that a script was called with. `--help` and a wrong option show
 * the comment at the head of the script, which is where its usage is written.
 *
 * @param script the script's `import.meta.url`
 */
export function scriptOptions<const Options extends ParseArgsOptionsConfig>(script: string, options: Options) {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    console.log(headComment(script));
    process.exit(0);
  }
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    if (!isWrongOption(error)) throw error;
    console.error(`${error.message}\n\n${headComment(script)}`);
    process.exit(USAGE_ERROR);
  }
}

function headComment(script: string): string {
  const text = readFileSync(fileURLToPath(script), 'utf8');
  const comment = /^\/\*\*\n(.*?)\n \*\/$/ms.exec(text)?.[1];
  if (comment === undefined) throw new Error(`${script} does not begin with its usage`);
  return comment.replace(/^ \* ?/gm, '');
}

function isWrongOption(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}
