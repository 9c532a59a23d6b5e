import type { EffectiveConfig } from './effective-config.ts';
import type { Json } from './plain-json.ts';

/** One setting that is not the same in both. A side that lacks it is absent. */
export interface ConfigChange {
  /** As in `routes.writer.attempts_max`. */
  readonly at: string;
  readonly before?: Json;
  readonly after?: Json;
}

type Compared = Omit<EffectiveConfig, 'version' | 'path'>;

/**
 * What `after` changes, in the order of the file's sections. Lists count as a
 * whole, because their order means something; secrets are masked on both sides
 * and so never differ.
 */
export function configDiff(before: Compared, after: Compared): ConfigChange[] {
  return changesOf('', compared(before), compared(after));
}

/** A version and a path differ without anything behaving otherwise. */
function compared({ version: _, path: __, ...sections }: Partial<EffectiveConfig>): Json {
  return sections;
}

function changesOf(at: string, before: Json | undefined, after: Json | undefined): ConfigChange[] {
  if (!isMapping(before) || !isMapping(after)) {
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    return [{ at, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    changesOf(at === '' ? name : `${at}.${name}`, own(before, name), own(after, name)),
  );
}

function isMapping(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(mapping: { readonly [key: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(mapping, name) ? mapping[name] : undefined;
}

/** `+ what.is.new: value`, `- what.is.gone: value`, `~ what.changed: before → after`. */
export function changeText({ at, before, after }: ConfigChange): string {
  if (before === undefined) return `+ ${at}: ${JSON.stringify(after)}`;
  if (after === undefined) return `- ${at}: ${JSON.stringify(before)}`;
  return `~ ${at}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`;
}
