import { Argument, Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { suggest } from './suggest.ts';

function program(): Command {
  const root = new Command('leeward').helpOption('-h, --help', 'help').helpCommand(false);
  const keys = root.command('keys').helpCommand(false).summary('manage keys');
  keys.command('list').summary('all').option('--json', 'as JSON').option('--data <dir>', 'where');
  keys.command('revoke').argument('<key>').option('--json', 'as JSON');
  root.command('secret', { hidden: true });
  root
    .command('call')
    .argument('<model>')
    .argument('[prompt]')
    .addOption(new Option('--route <name>', 'a route'))
    .addOption(new Option('--by <what>', 'by').choices(['day', 'model']));
  root.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
  return root;
}

function values(line: string): string[] {
  const { known, kind, prefix } = suggest(program(), line.split(' '));
  const found = known.map(({ value }) => value).filter((value) => value.startsWith(prefix));
  return kind === undefined ? found : [...found, `<${kind}>`];
}

describe('after', () => {
  test.each([
    ['', ['keys', 'call', 'completion']],
    ['c', ['call', 'completion']],
    ['sec', []],
    ['keys ', ['list', 'revoke']],
    ['keys l', ['list']],
    ['keys list --', ['--json', '--data', '--help']],
    ['keys list --json --d', ['--data']],
    ['keys list --data ', ['<dir>']],
    ['keys list --data=', ['<dir>']],
    ['keys list --data x ', []],
    ['keys revoke ', ['<key>']],
    ['keys revoke key_1 ', []],
    ['call ', ['<model>']],
    ['call --route fast ', ['<model>']],
    ['call --route ', []],
    ['call sim/x ', []],
    ['call sim/x --by ', ['day', 'model']],
    ['call sim/x --by=m', ['model']],
    ['completion ', ['bash', 'zsh']],
    ['nothing --x ', []],
  ])('%j come %j', (line, expected) => {
    expect(values(line)).toEqual(expected);
  });

  test('a command its summary comes along', () => {
    expect(suggest(program(), ['k']).known[0]).toEqual({ value: 'keys', about: 'manage keys' });
  });
});
