import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { countUpTo, dataOption, lengthMs, urlOption } from '../options.ts';

/** `leeward call`: one streamed call through the running server. */
export function addCall(program: Command, context: Context): void {
  program
    .command('call')
    .argument('<model>', 'as clients name it: provider/model, an alias, or route/<name>')
    .argument('[prompt]', 'what to say; "-", or nothing, reads it from standard input')
    .summary('make one call, and print its answer as it comes')
    .description(
      'Makes one streamed call through the running server, with LEEWARD_API_KEY or the key that "leeward dev" keeps. ' +
        'The text goes to stdout as it comes, one line about the call to stderr.',
    )
    .addOption(new Option('--system <text>', 'a system message before the prompt'))
    .addOption(new Option('--max-tokens <count>', 'the most tokens to answer').argParser(countUpTo(10_000_000)))
    .addOption(
      new Option('--set <name=json>', 'any other field of the request, as in temperature=0; may be repeated').argParser(
        addField,
      ),
    )
    .addOption(new Option('--route <name>', 'send it along this route, whatever the model'))
    .addOption(new Option('--timeout <length>', 'give up after this long').argParser(lengthMs).default(600_000, '10m'))
    .addOption(new Option('--json', 'print the whole answer and its record as one JSON document').conflicts('raw'))
    .addOption(new Option('--raw', 'print the event stream as it came'))
    .addOption(new Option('--curl', 'print the curl line that would do the same, and call nobody'))
    .addOption(
      new Option('--dry-run', 'ask the server what would happen to the call now, and make none').conflicts([
        'raw',
        'curl',
      ]),
    )
    .addOption(dataOption())
    .addOption(urlOption())
    .addHelpText('after', '\nExample: git diff | leeward call sim/sim-small --system "Write a commit message" -')
    .action(async (model, prompt, flags) =>
      (await import('../call/run-call.ts')).runCall(model, prompt, flags, context),
    );
}

/** Gathers `--set name=json`; what is no JSON is a string. */
function addField(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must look like temperature=0 or stop=["."].');
  }
  return { ...before, [name]: jsonOr(value) };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A plain word needs no quotes: --set user=anna.
    return text;
  }
}
