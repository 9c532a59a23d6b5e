import { posix } from 'node:path';
import { type Import, importsOf } from './imports.ts';
import { givesSockets, MAY_IMPORT, MAY_LOAD, mayHoldSockets, SAME_VENDOR, WITHOUT_PACKAGES, zoneOf } from './zones.ts';

/** Product files by their path below `src/`, with their text. */
export type Sources = ReadonlyMap<string, string>;

/** A test may build itself from any real part: arrows and circles are about what ships. */
export function ships(path: string): boolean {
  return path.endsWith('.ts') && !/\.(?:test|bench)\.ts$/.test(path);
}

/**
 * Every import that goes against the arrows of `zones.ts`, knows a sibling,
 * opens sockets where none belong, or closes a circle; one line each, with
 * file, line and what would be right. Empty when all is well.
 */
export function violations(sources: Sources): string[] {
  const found: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [path, text] of sources) {
    if (!ships(path)) continue;
    const targets: string[] = [];
    for (const entry of importsOf(path, text)) {
      const wrong = entry.specifier.startsWith('.') ? wrongArrow(path, entry, sources) : wrongPackage(path, entry);
      if (wrong !== undefined) found.push(`${path}:${entry.line} imports ${entry.specifier}: ${wrong}`);
      if (entry.specifier.startsWith('.')) targets.push(targetOf(path, entry));
    }
    graph.set(path, targets);
  }
  return [...found, ...circles(graph)];
}

function targetOf(path: string, entry: Import): string {
  return posix.normalize(posix.join(posix.dirname(path), entry.specifier));
}

function wrongArrow(path: string, entry: Import, sources: Sources): string | undefined {
  const target = targetOf(path, entry);
  if (target === '../package.json') return undefined;
  if (target.startsWith('..')) return 'product code stays inside src/';
  if (!ships(target) && target.endsWith('.ts')) return 'tests are imported by nobody';
  if (target.endsWith('.ts') && !sources.has(target)) return `there is no src/${target}`;
  const from = zoneOf(path);
  const to = zoneOf(target);
  if (from === undefined) return `${path} stands in no known place: give its folder a rule in tools/lint/zones.ts`;
  if (to === undefined) return `${target} stands in no known place: give its folder a rule in tools/lint/zones.ts`;
  if (from.name === to.name) return wrongSibling(from.name, from.part, to.part);
  const allowed = MAY_IMPORT[from.name] ?? [];
  if (allowed.includes(to.name) || allowed.includes(`${to.name}/${to.part}`)) return undefined;
  if (MAY_LOAD[from.name]?.includes(to.name)) {
    return entry.kind === 'static' ? `${from.name} loads ${to.name} with import() when a command needs it` : undefined;
  }
  return `${from.name} must not know ${to.name}; it may import ${allowed.join(', ') || 'nothing of ours'}`;
}

/** Inside `edge`, dialects share what is in `edge/http`; elsewhere siblings share the files beside their folders. */
function wrongSibling(zone: string, fromPart: string | undefined, toPart: string | undefined): string | undefined {
  if (toPart === undefined || fromPart === toPart) return undefined;
  if (zone === 'edge' && toPart === 'http') return undefined;
  if (zone === 'providers' && SAME_VENDOR[fromPart ?? '']?.includes(toPart) === true) return undefined;
  const others =
    zone === 'edge'
      ? 'dialects never know each other, and nobody beside them knows a dialect'
      : 'providers never know each other';
  return `${others}: move what is shared out of ${zone}/${toPart}, or let compose.ts hand it over`;
}

function wrongPackage(path: string, entry: Import): string | undefined {
  if (givesSockets(entry.specifier, entry.names) && !mayHoldSockets(path)) {
    return 'sockets belong to edge/http, transport, admin, cli, sim/serve*, compose and main';
  }
  const zone = zoneOf(path)?.name ?? '';
  if (WITHOUT_PACKAGES.has(zone) && !entry.specifier.startsWith('node:')) return `${zone} needs no package`;
  return undefined;
}

/** One line for each group of files that reach each other, told as one circle through it. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const told = new Set<string>();
  for (const start of graph.keys()) {
    if (told.has(start)) continue;
    const circle = shortestCircle(graph, start);
    if (circle === undefined) continue;
    for (const path of circle) told.add(path);
    found.push(`circle: ${[...circle, start].join(' -> ')}`);
  }
  return found;
}

/** Breadth first from `start` until it is met again: the files of the shortest circle through it. */
function shortestCircle(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const next of graph.get(path) ?? []) {
      if (next === start) return trail(cameFrom, start, path);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      queue.push(next);
    }
  }
  return undefined;
}

function trail(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const path = [end];
  for (let at = end; at !== start; ) {
    at = cameFrom.get(at) ?? start;
    path.unshift(at);
  }
  return path;
}
