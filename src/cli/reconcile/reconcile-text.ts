import { formatCount, formatUsd, visibleText } from '../../observability/format.ts';
import { type Terminal, tableText } from '../io.ts';
import { nanoDigits } from '../money-text.ts';
import type { AggregatesDocument, LinesDocument } from './reconcile-document.ts';

type Document = LinesDocument | AggregatesDocument;

const NAME_CHARS_MAX = 60;

/** A comparison for people: what agrees, what does not, the days, and the largest differences. */
export function reconcileText(document: Document, terminal?: Terminal): string {
  const blocks = document.kind === 'lines' ? lineBlocks(document, terminal) : groupBlocks(document, terminal);
  return [headText(document), ...blocks].filter((block) => block !== '').join('\n');
}

function headText({ provider, from, to, statement_lines: lines, outside }: Document): string {
  const skipped = outside === 0 ? '' : `, ${formatCount(outside)} of them of another time`;
  return `${visibleText(provider, NAME_CHARS_MAX)} from ${from} to ${to}: ${formatCount(lines)} lines of its export${skipped}\n`;
}

function lineBlocks(document: LinesDocument, terminal: Terminal | undefined): string[] {
  const { differing } = document;
  const rows: [string, number, string][] = [
    ['matched', document.matched, 'the same on both sides'],
    ['differing', differing.all, `tokens ${differing.tokens}, cost ${differing.cost}, both ${differing.both}`],
    [
      'missing here',
      document.missing_here,
      `billed, and no attempt of ours; ${formatCount(document.lost_here)} with an id that we sent`,
    ],
    ['missing there', document.missing_there, 'ours with a cost, and not billed'],
    ['unresolved', document.unresolved, 'ours with a cost nobody knows, and not billed'],
    ['free', document.free, 'ours without a cost, and not billed'],
    ['open', document.open, 'not finished by the provider'],
    ['running', document.running, 'under way here'],
  ];
  const shown = rows.filter(([kind, count]) => count > 0 || kind === 'matched' || kind === 'differing');
  const withoutAmount =
    document.without_amount === 0
      ? ''
      : `${formatCount(document.without_amount)} lines name no amount: tokens alone were compared\n`;
  return [
    tableText(
      ['LINES', 'COUNT', ''],
      shown.map(([kind, count, about]) => [kind, formatCount(count), about]),
      terminal,
    ),
    `Booked ${exact(document.booked)}, billed ${exact(document.billed)}, difference ${exact(document.difference)} (${document.difference.nano_usd} nano-USD), apart ${exact(document.apart)}\n${withoutAmount}`,
    daysText(document, terminal),
    differencesText(document, terminal),
    appliedText(document),
  ];
}

function daysText({ days }: LinesDocument, terminal: Terminal | undefined): string {
  if (days.length === 0) return '';
  const rows = days.map(({ day, billed, captured, capture_percent: percent, alert }) => [
    day,
    usd(billed),
    usd(captured),
    percent === null ? '–' : `${percent} %`,
    alert ? 'below 99.5 %' : '',
  ]);
  return tableText(['DAY (UTC)', 'BILLED', 'CAPTURED', 'RATE', 'ALERT'], rows, terminal);
}

function differencesText({ listed, not_listed: more }: LinesDocument, terminal: Terminal | undefined): string {
  if (listed.length === 0) return '';
  const rows = listed.map((one) => [
    one.what === null ? one.kind : `${one.kind}: ${one.what}`,
    visibleText(one.call === null ? (one.id ?? '–') : `${one.call} #${one.attempt}`, NAME_CHARS_MAX),
    visibleText(one.model ?? '–', NAME_CHARS_MAX),
    tokensText(one.ours),
    tokensText(one.theirs),
    one.ours === null ? '' : one.ours.cost === null ? 'unknown' : exact(one.ours.cost),
    one.theirs === null ? '' : one.theirs.cost === null ? 'not said' : `$${one.theirs.cost}`,
  ]);
  const headings = ['DIFFERENCE', 'CALL', 'MODEL', 'OUR TOKENS', 'THEIRS', 'OUR COST', 'THEIRS'];
  return `${tableText(headings, rows, terminal)}${moreText(more)}`;
}

function appliedText({ applied, missing_there: there, unresolved }: LinesDocument): string {
  const hint =
    there + unresolved > 0
      ? 'If the export holds everything of its period, --complete lets --apply book what it lacks as 0.\n'
      : '';
  if (applied === null) return hint;
  const parts: [number, string][] = [
    [applied.corrected, 'corrected'],
    [applied.again, 'corrected by this export before'],
    [applied.booked, 'booked on budgets or credits'],
    [applied.settled, 'kept holds settled'],
    [applied.refused, 'refused'],
    [applied.unbooked, 'not booked on their accounts'],
    [applied.left, 'left, because no correction settles them'],
  ];
  const said = parts.filter(([count], index) => index === 0 || count > 0);
  const list = said.map(([count, what]) => `${formatCount(count)} ${what}`).join(', ');
  return `Attempts: ${list}. The figures above are those after it.\n${hint}`;
}

function groupBlocks(document: AggregatesDocument, terminal: Terminal | undefined): string[] {
  const { listed, not_listed: more, groups, differing, difference } = document;
  const rows = listed.map((group) => [
    group.from,
    visibleText(group.model ?? 'all models', NAME_CHARS_MAX),
    `${group.ours.requests} / ${group.theirs.requests ?? '?'}`,
    tokensText(group.ours),
    tokensText(group.theirs),
    group.ours.cost === null ? 'unknown' : exact(group.ours.cost),
    group.theirs.cost === null ? 'not said' : exact(group.theirs.cost),
  ]);
  const headings = ['FROM', 'MODEL', 'REQUESTS', 'OUR TOKENS', 'THEIRS', 'OUR COST', 'THEIRS'];
  return [
    `${formatCount(groups)} sums by model and time, ${formatCount(differing)} of them differ by ${exact(difference)} (${difference.nano_usd} nano-USD)\n`,
    rows.length === 0 ? '' : `${tableText(headings, rows, terminal)}${moreText(more)}`,
  ];
}

function tokensText(
  side: { readonly input_tokens: string | null; readonly output_tokens: string | null } | null,
): string {
  if (side === null) return '';
  return side.input_tokens === null && side.output_tokens === null
    ? '–'
    : `${side.input_tokens ?? '?'}+${side.output_tokens ?? '?'}`;
}

function moreText(more: number): string {
  return more === 0 ? '' : `and ${formatCount(more)} more: --list shows them\n`;
}

/** Every digit: a difference of one nano-dollar must not be rounded away. */
function exact({ usd: text }: { readonly usd: string }): string {
  return text.startsWith('-') ? `-$${text.slice(1)}` : `$${text}`;
}

function usd(money: { readonly nano_usd: string }): string {
  return formatUsd(nanoDigits(money.nano_usd) ?? 0n);
}
