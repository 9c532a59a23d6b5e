import { isObject, someText, type WireObject } from '../../providers/openai/wire.ts';

/**
 * Clients of this dialect may put their tools into namespaces, which no other
 * dialect knows. Elsewhere such a tool is called `<namespace>__<name>`; the
 * client reads and writes the two apart.
 */

/** What other dialects call a tool that stands in a namespace. */
export function joinedName(namespace: string, name: string): string {
  return `${namespace}__${name}`;
}

/** A tool as it came, and where in the request it stands. */
export interface PlacedTool {
  readonly tool: unknown;
  readonly place: string;
}

/** The tools of a request, those of its namespaces among them by their joined names. */
export function flatTools(tools: readonly unknown[]): PlacedTool[] {
  return tools.flatMap((tool, at): PlacedTool[] => {
    const place = `tools[${at}]`;
    const space = spaceOf(tool);
    if (space === undefined) return [{ tool, place }];
    return space.tools.map((inner, within) => ({
      tool: isNamed(inner) ? { ...inner, name: joinedName(space.name, inner.name) } : inner,
      place: `${place}.tools[${within}]`,
    }));
  });
}

/** An item as the codec knows it: a call of a tool in a namespace by its joined name. */
export function joinedCall(item: WireObject): WireObject {
  const { namespace, ...call } = item;
  const name = someText(item['name']);
  if (name === undefined || someText(namespace) === undefined) return item;
  return { ...call, name: joinedName(String(namespace), name) };
}

/** The names of a request's tools, by what they are called elsewhere. */
export class ToolNames {
  readonly #apart = new Map<string, WireObject>();
  readonly #joined = new Map<string, string>();

  /** @param tools as the client sent them, whatever that is */
  constructor(tools: unknown) {
    const known = Array.isArray(tools) ? tools : [];
    for (const tool of known) {
      const space = spaceOf(tool);
      for (const inner of space?.tools ?? []) {
        if (!isNamed(inner) || space === undefined) continue;
        const joined = joinedName(space.name, inner.name);
        this.#apart.set(joined, { name: inner.name, namespace: space.name });
        if (!this.#joined.has(inner.name)) this.#joined.set(inner.name, joined);
      }
    }
    // What stands in no namespace is meant by its name alone.
    for (const tool of known) if (isNamed(tool)) this.#joined.delete(tool.name);
  }

  /** `name`, and `namespace` of a tool that stands in one. */
  apart(name: string | undefined): WireObject {
    return (name === undefined ? undefined : this.#apart.get(name)) ?? { name };
  }

  /** What a choice of tools means, which names them without their namespace. */
  joined(name: string): string {
    return this.#joined.get(name) ?? name;
  }
}

function spaceOf(tool: unknown): { readonly name: string; readonly tools: readonly unknown[] } | undefined {
  if (!isNamed(tool) || tool['type'] !== 'namespace') return undefined;
  const { tools } = tool;
  return { name: tool.name, tools: Array.isArray(tools) ? tools : [] };
}

function isNamed(tool: unknown): tool is WireObject & { readonly name: string } {
  return isObject(tool) && someText(tool['name']) !== undefined;
}
