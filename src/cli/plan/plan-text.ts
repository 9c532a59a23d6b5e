import type { PlanDocument } from '../../compose/plan.ts';
import { visibleText } from '../../observability/format.ts';
import { type Terminal, tableText } from '../io.ts';
import { usdShown } from '../money-text.ts';

type Scenario = PlanDocument['scenarios'][number];
type Gpu = NonNullable<Scenario['gpu']>;

const NAME_CHARS_MAX = 60;

/** A plan for people: the base in full, and its scenarios beside it. */
export function planText({ plan, scenarios, prices_version: prices }: PlanDocument, terminal?: Terminal): string {
  const [base] = scenarios;
  if (base === undefined) return '';
  const blocks = [
    [plan === null ? '' : `${visibleText(plan, NAME_CHARS_MAX)}\n`, trafficText(base)].join(''),
    billTable(base, terminal),
    summary(base),
    base.gpu === null ? '' : gpuText(base.gpu),
    scenarios.length > 1 ? scenarioTable(scenarios, terminal) : '',
    `List prices: ${visibleText(prices, NAME_CHARS_MAX)}. Amounts are shown rounded; --json has them exactly.\n`,
  ];
  return blocks.filter((block) => block !== '').join('\n');
}

function trafficText({ traffic }: Scenario): string {
  if (traffic === null) return '';
  const sessions = traffic.sessions === null ? '' : `${counted(traffic.sessions, 'session')}, `;
  return `${sessions}${counted(traffic.tasks, 'task')} a month, ${traffic.success_percent} % of them succeed\n`;
}

function billTable({ lines, calls, fees }: Scenario, terminal: Terminal | undefined): string {
  const rows = lines.map((line) => [
    visibleText(line.route, NAME_CHARS_MAX),
    line.tier ?? '–',
    grouped(line.calls),
    `${cut(line.percent_of_calls)} %`,
    usdShown(line.call_cost),
    usdShown(line.amount),
  ]);
  return tableText(
    ['ROUTE', 'TIER', 'CALLS', 'OF CALLS', 'A CALL', 'A MONTH'],
    [...rows, ['total', '', grouped(calls), '', '', usdShown(fees)]],
    terminal,
  );
}

function summary(scenario: Scenario): string {
  const { premium, traffic, fees, per_task: perTask, per_successful_task: perSuccess, total_cost: total } = scenario;
  const lines = [
    `Frontier models: ${cut(premium.percent_of_calls)} % of the calls, ${cut(premium.percent_of_fees)} % of the fees`,
  ];
  const where = premium.reached
    ? ['the calls']
    : premium.routes.map((name) => `those of ${visibleText(name, NAME_CHARS_MAX)}`);
  for (const calls of where) {
    lines.push(
      `  ! The premium share has reached ${premium.from_percent} % of ${calls}: see whether cheaper models would do for some`,
    );
  }
  if (perTask !== null && perSuccess !== null && traffic !== null) {
    lines.push(
      `Per task: ${usdShown(perTask)}`,
      `Per successful task: ${usdShown(perSuccess)} = ${usdShown(fees)} ÷ (${grouped(traffic.tasks)} tasks × ${traffic.success_percent} %)`,
    );
  }
  lines.push(`Total cost of ownership: ${usdShown(total.amount)} a month${total.assumed ? ' (assumed shares)' : ''}`);
  for (const part of total.parts) {
    lines.push(`  ${visibleText(part.name, NAME_CHARS_MAX)}: ${usdShown(part.amount)} (${cut(part.percent)} %)`);
  }
  return `${lines.join('\n')}\n`;
}

function gpuText(gpu: Gpu): string {
  const capacity = gpu.capacity_calls === null ? '' : `, which can serve ${counted(gpu.capacity_calls, 'call')}`;
  const lines = [`Dedicated GPU: ${usdShown(gpu.monthly)} a month${capacity}`];
  for (const { of, call_cost: cost, calls } of gpu.break_even) {
    const from = calls === null ? 'never pays' : `pays from ${counted(calls, 'call')}`;
    lines.push(`  ${visibleText(of, NAME_CHARS_MAX)} at ${usdShown(cost)} a call: ${from}`);
  }
  const saved = gpu.saving.nano_usd.startsWith('-')
    ? `${usdShown({ nano_usd: gpu.saving.nano_usd.slice(1) })} a month more than the providers`
    : `saves ${usdShown(gpu.saving)} a month`;
  const many = gpu.needed === '1' ? '' : ` (${grouped(gpu.needed)} of them, ${usdShown(gpu.for_plan)})`;
  const unsure = gpu.capacity_calls === null ? ', if one can serve it all' : '';
  lines.push(`  For this plan${many}: ${saved}${unsure}`);
  return `${lines.join('\n')}\n`;
}

function scenarioTable(scenarios: readonly Scenario[], terminal: Terminal | undefined): string {
  const row = (name: string, cell: (scenario: Scenario) => string) => [name, ...scenarios.map(cell)];
  const rows = [
    row('tasks', ({ traffic }) => (traffic === null ? '–' : grouped(traffic.tasks))),
    row('calls', ({ calls }) => grouped(calls)),
    row('fees a month', ({ fees }) => usdShown(fees)),
    row('per successful task', ({ per_successful_task: one }) => (one === null ? '–' : usdShown(one))),
    row(
      'frontier, of calls',
      ({ premium }) => `${cut(premium.percent_of_calls)} %${premium.reached || premium.routes.length > 0 ? ' !' : ''}`,
    ),
    row('total cost', ({ total_cost: total }) => usdShown(total.amount)),
  ];
  if (scenarios.some(({ gpu }) => gpu !== null)) {
    rows.push(row('GPUs instead', ({ gpu }) => (gpu === null ? '–' : usdShown(gpu.for_plan))));
  }
  return tableText(['SCENARIO', ...scenarios.map(({ name }) => visibleText(name, NAME_CHARS_MAX))], rows, terminal);
}

function counted(digits: string, noun: string): string {
  return digits === '1' ? `1 ${noun}` : `${grouped(digits)} ${noun}s`;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Two decimals of a percent, cut and not rounded: what has not reached 15 % must not look as if it had. */
function cut(percent: string): string {
  return percent.replace(/(\.\d\d)\d+$/, '$1');
}
