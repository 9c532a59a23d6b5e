import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../kernel/errors.ts';
import type { LoadedConfig, ProviderConfig } from './config.ts';
import { invalidConfig, unreadableConfig } from './config-error.ts';
import { inFileOrder, problemLine } from './config-report.ts';
import { configVersion } from './config-version.ts';
import { members } from './document-tree.ts';
import { type FileConfig, fileSchema } from './file-schema.ts';
import { interpolate, type ReferenceSources } from './interpolate.ts';
import type { Finding, Problem } from './problem.ts';
import { providerFindings } from './provider-findings.ts';
import { resolveConfig } from './resolve-config.ts';
import { routeFindings } from './route-findings.ts';
import { type RouteGraph, routeGraph } from './route-graph.ts';
import { schemaFindings } from './schema-findings.ts';
import { serverFindings } from './server-findings.ts';
import { YamlSource } from './yaml-source.ts';

const FILE_BYTES_MAX = 1_048_576;

export interface LoadOptions {
  /** As the user gave it: this is how reports name the file. */
  readonly path: string;
  /** True when the user named the file, so that its absence is an error. */
  readonly required: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Providers found without the file; those it declares win over them. */
  readonly found?: readonly ProviderConfig[];
  /** Default: the file system, at most 1 MiB a file. */
  readonly readText?: (path: string) => string;
}

/**
 * Reads `leeward.yaml`. Without a file: the defaults, and what was found.
 *
 * @throws ConfigError with every problem of the file at once
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const readText = options.readText ?? readTextFile;
  const text = fileText(options, readText);
  const sources: ReferenceSources = { env: options.env, directory: dirname(resolve(options.path)), readText };
  const found = options.found ?? [];
  const source = new YamlSource(text ?? '');
  const checked = check(source, sources, found);
  const fatal = checked.problems.some((problem) => problem.severity === 'error');
  if (fatal || checked.file === undefined) throw invalidConfig(options.path, checked.problems, source);
  const config = resolveConfig(checked.file, checked.graph, sources, found);
  return {
    config,
    version: configVersion(config),
    warnings: checked.problems.map((problem) => problemLine(options.path, problem)),
    ...(text === undefined ? {} : { path: options.path }),
  };
}

function fileText(options: LoadOptions, readText: (path: string) => string): string | undefined {
  try {
    return readText(resolve(options.path));
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT' && !options.required) return undefined;
    throw unreadableConfig(options.path, cause);
  }
}

interface Checked {
  /** Absent when the schema refused it. */
  readonly file: FileConfig | undefined;
  readonly graph: RouteGraph;
  readonly problems: readonly Problem[];
}

function check(source: YamlSource, sources: ReferenceSources, found: readonly ProviderConfig[]): Checked {
  const { value, findings: references, resolved } = interpolate(withoutEmptySections(source.toPlain()), sources);
  const parsed = fileSchema.safeParse(value);
  const shape = parsed.success ? [] : schemaFindings(parsed.error.issues, value);
  const graph = routeGraph(value);
  const providers = new Set([
    'sim',
    ...members(value, 'providers').map(([name]) => name),
    ...found.map((provider) => provider.name),
  ]);
  // What a reference gave may be a secret that was put in the wrong place.
  const quoted = (path: Finding['path']) =>
    resolved.has(JSON.stringify(path)) ? 'this reference' : (source.quoted(path) ?? 'this');
  const meaning = [
    ...serverFindings(value),
    ...providerFindings(value, sources, resolved),
    ...routeFindings(graph, { providers, quoted }),
  ];
  const syntax = source.syntaxProblems();
  const located = source.broken
    ? trustworthy([...references, ...unlessUnresolved(shape, references)], syntax, source)
    : [...references, ...unlessUnresolved([...shape, ...meaning], references)].map((one) => source.locate(one));
  return { file: parsed.success ? parsed.data : undefined, graph, problems: inFileOrder([...syntax, ...located]) };
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

function readTextFile(path: string): string {
  const { size } = statSync(path);
  if (size > FILE_BYTES_MAX) {
    throw Object.assign(new Error(`${path} is larger than ${FILE_BYTES_MAX} bytes`), { code: 'EFBIG' });
  }
  return readFileSync(path, 'utf8');
}
