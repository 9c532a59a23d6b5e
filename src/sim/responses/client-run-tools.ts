import { alphanumeric } from '../draws.ts';
import type { CallItem, Progress } from './answer.ts';
import { type ComposeBrief, idOf, subject } from './brief.ts';
import type { HostedRun } from './hosted-run.ts';
import type { HostedTool } from './tool-fields.ts';

/** Commands are told one by one while they are written. */
export function shell(_tool: HostedTool, brief: ComposeBrief): HostedRun {
  const command = `echo ${JSON.stringify(subject(brief))}`;
  const known = (commands: readonly string[]) => ({
    action: { commands, max_output_length: null, timeout_ms: null },
    environment: { type: 'local' },
  });
  const call = wholeCall('shell_call', 'sh', known([command]), brief);
  const event = 'response.shell_call_command';
  const before: Progress[] = [
    { event: `${event}.added`, members: { command: '', command_index: 0 } },
    { event: `${event}.delta`, members: { delta: command, command_index: 0 } },
    { event: `${event}.done`, members: { command, command_index: 0 } },
  ];
  return waiting({ ...call, first: { ...call.first, ...known([]) }, before });
}

export function localShell(_tool: HostedTool, brief: ComposeBrief): HostedRun {
  const known = { action: { type: 'exec', command: ['echo', subject(brief)], env: {} } };
  return waiting(wholeCall('local_shell_call', 'lsh', known, brief));
}

export function applyPatch(_tool: HostedTool, brief: ComposeBrief): HostedRun {
  const diff = `+${subject(brief)}`;
  const known = (text: string) => ({ operation: { type: 'create_file', path: 'notes.md', diff: text } });
  const call = wholeCall('apply_patch_call', 'apc', known(diff), brief);
  const event = 'response.apply_patch_call_operation_diff';
  const before: Progress[] = [
    { event: `${event}.delta`, members: { delta: diff } },
    { event: `${event}.done`, members: { diff } },
  ];
  return waiting({ ...call, first: { ...call.first, ...known('') }, before });
}

export function computer(_tool: HostedTool, brief: ComposeBrief): HostedRun {
  const known = { action: { type: 'screenshot' }, pending_safety_checks: [] };
  return waiting(wholeCall('computer_call', 'cu', known, brief));
}

function waiting(call: CallItem): HostedRun {
  return { items: [call], passages: [], waits: true };
}

/** A call that is written whole, of a tool of the provider's that the client runs. */
function wholeCall(type: string, prefix: string, known: object, { context }: ComposeBrief): CallItem {
  const last = { call_id: `call_${alphanumeric(context.random, 24)}`, ...known };
  const headTokens = context.tokens.count(JSON.stringify(known));
  const common = { status: true, headTokens, before: [], after: [], found: '' };
  return { kind: 'call', id: idOf(prefix, context.random), type, first: last, last, ...common };
}
