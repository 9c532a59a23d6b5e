import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions, pastMs } from '../options.ts';

/** `leeward tasks list|show`: what tasks cost, and how they came out. */
export function addTasks(program: Command, context: Context): void {
  const past = (text: string) => pastMs(text, context.clock.now());
  const tasks = program
    .command('tasks')
    .helpCommand(false)
    .summary('list tasks, and show what one of them cost')
    .description(
      'A task is what calls name with x-leeward-task. Its application says how it came out, and what it cost besides ' +
        'models.',
    );
  const list = tasks
    .command('list')
    .summary('list tasks, the dearest first')
    .description('Lists tasks with what they cost and how they came out: the same as usage --by task.')
    .addOption(new Option('--since <when>', 'a length of time (30d) or an instant; default: 7d').argParser(past))
    .addOption(new Option('--until <when>', 'the same, for the other end').argParser(past))
    .addOption(new Option('--project <id>', 'of this project'))
    .addOption(new Option('--key <key>', 'with this key, by its id'));
  addServerOptions(list).action(async (flags) =>
    (await import('../records/run-usage.ts')).showUsage({ ...flags, by: 'task' }, context),
  );
  const show = tasks
    .command('show')
    .argument('<task>', 'its name: x-leeward-task of its calls')
    .summary('show what one task cost')
    .description('Shows one task: its calls by model, what its application reported, and how it came out.')
    .addOption(new Option('--project <id>', 'needed where two projects have a task of this name'));
  addServerOptions(show).action(async (task, flags) =>
    (await import('../records/run-tasks.ts')).showTask(task, flags, context),
  );
}
