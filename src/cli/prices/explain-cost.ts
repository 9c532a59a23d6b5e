import { askServer } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { printJson, tableText } from '../io.ts';
import { usdShown } from '../money-text.ts';
import { type ServerFlags, withServer } from '../running-server.ts';
import { costExplanation, type ExplainedAttempt } from './price-answers.ts';
import { amountText, priceText } from './rate-text.ts';

export interface ExplainFlags extends ServerFlags {
  readonly json?: boolean;
}

export async function explainCall(id: string, flags: ExplainFlags, { io, clock }: Context): Promise<void> {
  const path = `/admin/calls/${encodeURIComponent(id)}/cost`;
  const cost = await withServer(flags, (server) => askServer(server, { schema: costExplanation, path }, clock));
  if (flags.json === true) printJson(io, cost);
  else {
    const blocks = cost.attempts.map((attempt) => attemptText(attempt, io));
    io.out(`${cost.call}\n${blocks.length === 0 ? 'no attempt was made: it cost nothing\n' : blocks.join('\n')}`);
  }
}

function attemptText(attempt: ExplainedAttempt, { outTerminal }: Context['io']): string {
  const { provider, model, outcome, usage_source: source, price_version: version, state, reason } = attempt;
  const from = source === null ? '' : `, usage: ${source}`;
  const head = `\nattempt ${attempt.attempt}  ${provider}/${model}  ${outcome ?? 'running'}${from}\nprices: ${version ?? 'unknown'}\n`;
  const lines = attempt.lines.map((line) => [
    line.what,
    line.count.toLocaleString('en', { maximumFractionDigits: 6 }),
    `× ${priceText(line.unit, line.pico_usd, line.per)}${line.times === null ? '' : ` × ${line.times}`}`,
    `= ${amountText(line.amount_pico_usd)}`,
  ]);
  const table = lines.length === 0 ? '' : tableText(['', 'COUNT', 'PRICE', 'AMOUNT'], lines, outTerminal);
  return `${head}${table}${verdict(attempt, state, reason)}`;
}

function verdict(attempt: ExplainedAttempt, state: string, reason: string | null): string {
  const recorded = `recorded ${usdShown(attempt.recorded)}`;
  if (state === 'agrees') return `total ${usdShown(attempt.total)}, rounded up once, as it was recorded\n`;
  const total = attempt.total == null ? '' : `total ${usdShown(attempt.total)}, `;
  return `${total}${recorded}: ${reason ?? state}\n`;
}
