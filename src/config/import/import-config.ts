import { GatewayError } from '../../kernel/errors.ts';
import { ConfigError, invalidConfig } from '../config-error.ts';
import type { QuotedLines } from '../config-report.ts';
import { loadConfig } from '../load-config.ts';
import { type ConfigPath, error } from '../problem.ts';
import { YamlSource } from '../yaml-source.ts';
import { BIFROST_REFERENCE, readBifrost } from './bifrost/read-bifrost.ts';
import type { Imported, ImportOptions, ImportProduct } from './imported.ts';
import { Importer, type ReferenceForm } from './importer.ts';
import { LITELLM_REFERENCE, readLiteLlm } from './litellm/read-litellm.ts';
import { readPortkey } from './portkey/read-portkey.ts';
import { SourcePart } from './source-part.ts';
import { isBounded } from './source-tree.ts';
import { writeYaml } from './write-yaml.ts';

interface Reader {
  readonly name: string;
  readonly form: ReferenceForm | undefined;
  read(root: SourcePart, importer: Importer, options: ImportOptions): void;
}

const READERS: Readonly<Record<ImportProduct, Reader>> = {
  litellm: { name: 'LiteLLM', form: LITELLM_REFERENCE, read: readLiteLlm },
  portkey: { name: 'Portkey', form: undefined, read: readPortkey },
  bifrost: { name: 'Bifrost', form: BIFROST_REFERENCE, read: readBifrost },
};

/**
 * Another product's configuration as one of ours. What cannot be carried over
 * is listed and the rest goes on, so that only a text that cannot be read at
 * all is refused. The new file is loaded by the real loader before it is
 * handed out.
 *
 * @throws ConfigError with the lines at which the text is not YAML (or JSON, which is YAML)
 */
export function importConfig(product: ImportProduct, options: ImportOptions): Imported {
  const { name, form, read } = READERS[product];
  const source = new YamlSource(options.text);
  const syntax = source.syntaxProblems();
  if (source.broken) throw invalidConfig(options.path, syntax, namesOnly(source));
  const refused = (what: string) => invalidConfig(options.path, [source.locate(error([], what))], namesOnly(source));
  const tree = source.toPlain();
  if (!isBounded(tree)) throw refused('this is nested too deeply, holds too many values, or refers to itself');
  const root = new SourcePart(tree);
  if (!root.isMapping) throw refused(`this is no configuration of ${name}: it has no sections`);
  const importer = new Importer(root, form);
  read(root, importer, options);
  importer.ledger.sweep(root, 'this importer knows no counterpart', 'see docs/migrating.md');
  const lineOf = (path: ConfigPath) => source.locate(error(path, '')).line;
  const yaml = writeYaml(importer.draft, { product, path: options.path });
  const duplicates = syntax.map(({ line, message }) => ({
    from: `line ${line}`,
    line,
    why: message,
    instead: 'the last one was taken',
  }));
  return {
    yaml,
    carried: importer.ledger.carriedParts(lineOf),
    left: [...importer.ledger.leftParts(lineOf), ...duplicates].sort((a, b) => a.line - b.line),
    variables: importer.variables.list(),
    warnings: checked(yaml, importer.variables.standIns()),
  };
}

/** Lines up to their first colon: what stands behind it in somebody else's file may be a secret by any name. */
function namesOnly(source: QuotedLines): QuotedLines {
  return {
    line(number) {
      const { text, columnOf } = source.line(number);
      const head = /^[^:]*:?/.exec(text)?.[0] ?? '';
      const shown = head.length < text.length ? `${head} …` : text.replace(/\S{24,}/g, '…');
      return {
        text: shown,
        columnOf: (column, edge) => Math.min(columnOf(column, edge), Math.max(0, shown.length - 1)),
      };
    },
  };
}

/** What the loader warns of. @throws `internal` for a file it refuses: that is a fault of this importer */
function checked(yaml: string, env: Readonly<Record<string, string>>): readonly string[] {
  try {
    return loadConfig({ path: 'leeward.yaml', required: true, env, readText: () => yaml }).warnings;
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    throw new GatewayError('internal', {
      message: `The imported file would not be valid, which is a fault of the importer: ${thrown.message}. Please report it.`,
      cause: thrown,
    });
  }
}
