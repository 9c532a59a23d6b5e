import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../kernel/errors.ts';
import { degradeFindings } from './aside-findings.ts';
import { budgetFindings } from './budget-findings.ts';
import type { LoadedConfig, ProviderConfig } from './config.ts';
import { invalidConfig, unreadableConfig } from './config-error.ts';
import { inFileOrder, problemLine } from './config-report.ts';
import { configVersion } from './config-version.ts';
import { members } from './document-tree.ts';
import { type FileConfig, fileSchema } from './file-schema.ts';
import { interpolate, type ReferenceSources } from './interpolate.ts';
import { keyFindings } from './key-findings.ts';
import { plainYaml } from './plain-yaml.ts';
import { policyFindings } from './policy-findings.ts';
import type { Finding, Problem } from './problem.ts';
import { providerFindings } from './provider-findings.ts';
import { resolveConfig } from './resolve-config.ts';
import { routeFindings } from './route-findings.ts';
import { type RouteGraph, routeGraph } from './route-graph.ts';
import { schemaFindings } from './schema-findings.ts';
import { serverFindings } from './server-findings.ts';
import { YamlSource } from './yaml-source.ts';

/** Room for some ten thousand declared keys and routes, ten times over. */
const FILE_BYTES_MAX = 16 * 2 ** 20;

export interface LoadOptions {
  /** As the user gave it: this is how reports name the file. */
  readonly path: string;
  /** True when the user named the file, so that its absence is an error. */
  readonly required: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Providers found without the file; those it declares win over them. */
  readonly found?: readonly ProviderConfig[];
  /** Default: the file system, at most 16 MiB a file. */
  readonly readText?: (path: string) => string;
  /** Whether a text can be a key of ours. Default: every text can. */
  readonly isKey?: (text: string) => boolean;
}

/**
 * Reads `leeward.yaml`. Without a file: the defaults, and what was found.
 *
 * @throws ConfigError with every problem of the file at once
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const sources = sourcesOf(options);
  const text = fileText(options, sources.readText);
  const { file, graph, warnings } = checked(text ?? '', sources, options);
  const config = resolveConfig(file, graph, sources, options.found ?? []);
  return { config, version: configVersion(config), warnings, ...(text === undefined ? {} : { path: options.path }) };
}

interface Checked {
  readonly file: FileConfig;
  readonly graph: RouteGraph;
  readonly warnings: readonly string[];
}

/** Positions are worth their time only where there is something to point at: a file without findings is done without them. */
function checked(text: string, sources: ReferenceSources, options: LoadOptions): Checked {
  const plain = plainYaml(text);
  if (plain !== undefined) {
    const { file, graph, references, shape, meaning } = inspect(plain, sources, options, () => 'this');
    const findings = references.length + shape.length + meaning.length;
    if (findings === 0 && file !== undefined) return { file, graph, warnings: [] };
  }
  const source = new YamlSource(text);
  const { file, graph, problems } = problemsOf(source, sources, options);
  const fatal = problems.some((problem) => problem.severity === 'error');
  if (fatal || file === undefined) throw invalidConfig(options.path, problems, source);
  return { file, graph, warnings: problems.map((problem) => problemLine(options.path, problem)) };
}

function sourcesOf({ env, path, readText }: LoadOptions): ReferenceSources {
  return { env, directory: dirname(resolve(path)), readText: readText ?? readTextFile };
}

function fileText(options: LoadOptions, readText: (path: string) => string): string | undefined {
  try {
    return readText(resolve(options.path));
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT' && !options.required) return undefined;
    throw unreadableConfig(options.path, cause);
  }
}

interface Inspected {
  /** Absent when the schema refused it. */
  readonly file: FileConfig | undefined;
  readonly graph: RouteGraph;
  /** References that could not be resolved; values of the wrong shape; names and fields that do not fit together. */
  readonly references: readonly Finding[];
  readonly shape: readonly Finding[];
  readonly meaning: readonly Finding[];
}

function inspect(
  document: unknown,
  sources: ReferenceSources,
  options: LoadOptions,
  quotedAt: (path: Finding['path']) => string,
): Inspected {
  const { value, findings: references, resolved } = interpolate(withoutEmptySections(document), sources);
  const parsed = fileSchema.safeParse(value);
  const graph = routeGraph(value);
  const providers = new Set([
    'sim',
    ...members(value, 'providers').map(([name]) => name),
    ...(options.found ?? []).map((provider) => provider.name),
  ]);
  // What a reference gave may be a secret that was put in the wrong place.
  const quoted = (path: Finding['path']) => (resolved.has(JSON.stringify(path)) ? 'this reference' : quotedAt(path));
  const routes = routeFindings(graph, { providers, quoted });
  const sound = routes.every(({ severity }) => severity === 'warning');
  return {
    file: parsed.success ? parsed.data : undefined,
    graph,
    references,
    shape: parsed.success ? [] : schemaFindings(parsed.error.issues, value),
    meaning: [
      ...serverFindings(value),
      ...providerFindings(value, sources, resolved),
      ...routes,
      ...degradeFindings(value),
      ...policyFindings(value, graph, sound),
      ...budgetFindings(value),
      ...keyFindings(value, { resolved, isKey: options.isKey ?? (() => true) }),
    ],
  };
}

interface Located {
  readonly file: FileConfig | undefined;
  readonly graph: RouteGraph;
  readonly problems: readonly Problem[];
}

function problemsOf(source: YamlSource, sources: ReferenceSources, options: LoadOptions): Located {
  const inspected = inspect(source.toPlain(), sources, options, (path) => source.quoted(path) ?? 'this');
  const { file, graph, references, shape, meaning } = inspected;
  const syntax = source.syntaxProblems();
  const located = source.broken
    ? trustworthy([...references, ...unlessUnresolved(shape, references)], syntax, source)
    : [...references, ...unlessUnresolved([...shape, ...meaning], references)].map((one) => source.locate(one));
  return { file, graph, problems: inFileOrder([...syntax, ...located]) };
}

/** After a syntax error the tree is a guess: only what is wrong above it, and does not miss anything, is worth saying. */
function trustworthy(findings: readonly Finding[], syntax: readonly Problem[], source: YamlSource): Problem[] {
  const brokenLine = Math.min(...syntax.map((problem) => problem.line));
  return findings
    .filter((finding) => !finding.message.endsWith('is missing'))
    .map((finding) => source.locate(finding))
    .filter((problem) => problem.line < brokenLine);
}

/** A reference that could not be resolved is one problem, not also a missing value and a wrong one. */
function unlessUnresolved(findings: readonly Finding[], references: readonly Finding[]): Finding[] {
  const unresolved = new Set(references.map((finding) => JSON.stringify(finding.path)));
  return findings.filter((finding) => !unresolved.has(JSON.stringify(finding.path)));
}

/** `routes:` with everything below it commented out means the same as no `routes:`. */
function withoutEmptySections(document: unknown): unknown {
  if (document === null || document === undefined) return {};
  if (typeof document !== 'object' || Array.isArray(document)) return document;
  return Object.fromEntries(Object.entries(document).filter(([, section]) => section !== null));
}

/** A file's text, at most 16 MiB of it. @throws what the file system throws, or `EFBIG` */
export function readTextFile(path: string): string {
  const { size } = statSync(path);
  if (size > FILE_BYTES_MAX) {
    throw Object.assign(new Error(`${path} is larger than ${FILE_BYTES_MAX} bytes`), { code: 'EFBIG' });
  }
  return readFileSync(path, 'utf8');
}
