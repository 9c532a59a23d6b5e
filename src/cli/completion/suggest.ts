import type { Argument, Command, Option } from 'commander';

/** What a word could be that only a running server, or the shell itself, knows. */
export type Kind = 'model' | 'key' | 'call' | 'provider' | 'file' | 'dir';

const KINDS: ReadonlySet<string> = new Set<Kind>(['model', 'key', 'call', 'provider', 'file', 'dir']);

export interface Suggestion {
  readonly value: string;
  readonly about: string;
}

/** What may stand in the place of the last word. */
export interface Suggestions {
  readonly known: readonly Suggestion[];
  /** Somebody else has to be asked for more. */
  readonly kind: Kind | undefined;
  /** The part of the last word that suggestions must begin with. */
  readonly prefix: string;
}

/**
 * What could come next on a command line.
 *
 * @param words without the program's name; the last one is unfinished, and may be empty
 */
export function suggest(program: Command, words: readonly string[]): Suggestions {
  const place = placeOf(program, words.slice(0, -1));
  const last = words.at(-1) ?? '';
  if (place.awaited !== undefined) return valuesOf(place.awaited, last);
  const equals = last.indexOf('=');
  if (last.startsWith('--') && equals > 0) {
    const option = optionOf(place.command, last.slice(0, equals));
    return option === undefined ? nothing(last) : valuesOf(option, last.slice(equals + 1));
  }
  if (last.startsWith('-')) return { known: optionsOf(place.command), kind: undefined, prefix: last };
  const argument = argumentAt(place.command, place.arguments);
  const values = argument === undefined ? nothing(last) : valuesOf(argument, last);
  const commands = place.arguments === 0 ? commandsOf(place.command) : [];
  return { ...values, known: [...commands, ...values.known] };
}

interface Place {
  readonly command: Command;
  /** How many of its arguments are there already. */
  readonly arguments: number;
  /** The option whose value comes next. */
  readonly awaited: Option | undefined;
}

function placeOf(program: Command, words: readonly string[]): Place {
  let command = program;
  let count = 0;
  let awaited: Option | undefined;
  for (const word of words) {
    if (awaited !== undefined) {
      awaited = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      const option = word.includes('=') ? undefined : optionOf(command, word);
      awaited = option !== undefined && takesValue(option) ? option : undefined;
    } else {
      const next = count === 0 ? command.commands.find((candidate) => candidate.name() === word) : undefined;
      if (next === undefined) count++;
      else command = next;
    }
  }
  return { command, arguments: count, awaited };
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function optionOf(command: Command, flag: string): Option | undefined {
  return command.options.find((option) => option.long === flag || option.short === flag);
}

function argumentAt(command: Command, index: number): Argument | undefined {
  const last = command.registeredArguments.at(-1);
  return command.registeredArguments[index] ?? (last?.variadic === true ? last : undefined);
}

function valuesOf(taker: Option | Argument, prefix: string): Suggestions {
  const known = (taker.argChoices ?? []).map((value) => ({ value, about: '' }));
  const name = 'flags' in taker ? /[<[]([\w-]+)/.exec(taker.flags)?.[1] : taker.name();
  return { known, kind: name !== undefined && isKind(name) ? name : undefined, prefix };
}

function isKind(name: string): name is Kind {
  return KINDS.has(name);
}

function nothing(prefix: string): Suggestions {
  return { known: [], kind: undefined, prefix };
}

function optionsOf(command: Command): Suggestion[] {
  const options = command.createHelp().visibleOptions(command);
  return options.flatMap(({ long, description }) => (long == null ? [] : [{ value: long, about: description }]));
}

function commandsOf(command: Command): Suggestion[] {
  const commands = command.createHelp().visibleCommands(command);
  return commands.map((one) => ({ value: one.name(), about: one.summary() || one.description() }));
}
