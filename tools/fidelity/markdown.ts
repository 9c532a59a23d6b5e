import type { FidelityTable, FieldFate } from '../../src/protocol/fidelity/table.ts';
import type { Dialect } from '../../src/protocol/operation.ts';
import type { ExplainedCheck } from './explained-checks.ts';

/** The dialects of chat, in the order of the matrix: how a page names each, and its file. */
const DIALECTS = [
  { dialect: 'openai-chat', name: 'Chat Completions', file: 'chat' },
  { dialect: 'openai-responses', name: 'Responses', file: 'responses' },
  { dialect: 'anthropic-messages', name: 'Messages', file: 'messages' },
  { dialect: 'gemini', name: 'Gemini', file: 'gemini' },
] as const satisfies readonly { dialect: Dialect; name: string; file: string }[];

/** A file of the documentation, as it is to be. */
export interface Page {
  /** Below `docs/`. */
  readonly path: string;
  readonly text: string;
}

const WRITTEN = '<!-- Written by `npm run make:fidelity` out of src/protocol/fidelity/. Change it there. -->';

const INTRODUCTION = `# What survives a translation

${WRITTEN}

Where client and provider speak the same dialect, everything is kept: the provider gets the client's bytes and the client
the provider's, but for the model's name, limits that a policy sets, a usage event that only Leeward asked for, and
Leeward's own error events.

Where they speak different ones, Leeward translates, and there is a page for each pair that says field by field what
becomes of what was said. The pages are made from the tables that the gateway itself walks along for each call.

| fate | in a request | in an answer |
|---|---|---|
| kept | means there what it means here, by the same name | the same |
| mapped | is said in another way | the same |
| warned | the call goes on without it, and \`x-leeward-warnings\` names it | is left out |
| refused | the call cannot go to this provider: another target of the route may take it, else the client gets a 400 | |

Content that cannot be sent is refused; preferences that cannot be sent are warned of. A field that is null, absent or an
empty list says nothing and loses nothing. A field that stands in no row is warned of as \`not known to this gateway\`.
Where a field is lost for some of its values only, the row says *unless*.

With \`x-leeward-strict: true\` nothing is lost: each loss, a warning included, is a 400 \`unsupported_parameter\` that
names the field.

What Leeward keeps of the conversations of Responses clients is put before the input ahead of all this: the rows for
\`previous_response_id\`, \`conversation\` and \`item_reference\` speak of what it does not keep.

How to read a place: \`a.b\` is a member and \`a[]\` each element of a list. Where objects are told apart by their \`type\`
(messages by their \`role\`), that stands in brackets: \`content[text].text\`, or \`source(base64).data\` of an object that
stands alone; parts of Gemini by which member they have: \`parts[inlineData].inlineData.data\`. Gemini's fields go by
their names in camel case, whichever of Google's two spellings a client uses. A \`*\` stands for all that begin so and have
no row of their own. A row that is warned or refused, or marked
*as a whole*, holds for all below it. Fields marked *extension* are not among the vendor's own types: others who speak its
dialect have added them.
`;

/** `docs/fidelity.md` and the pages below it. */
export function fidelityPages(tables: readonly FidelityTable[], checks: readonly ExplainedCheck[]): Page[] {
  const overview = [INTRODUCTION, ...matrix(tables), explained(checks)].join('\n');
  return [{ path: 'fidelity.md', text: overview }, ...tables.map(direction)];
}

/** Who can call whom, and where it says what is lost. */
function matrix(tables: readonly FidelityTable[]): string[] {
  const head = ['client \\ provider', ...DIALECTS.map(({ name }) => name)];
  const rows = DIALECTS.map((client) => [
    `**${client.name}**`,
    ...DIALECTS.map((provider) => cell(tables, client.dialect, provider.dialect)),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return ['## Every pair', '', line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line), ''];
}

/** How many fields of the client's request have each fate, as a link to the page. */
function cell(tables: readonly FidelityTable[], client: Dialect, provider: Dialect): string {
  if (client === provider) return 'the same bytes';
  const table = tables.find((each) => each.client === client && each.provider === provider);
  if (table === undefined) return 'not translated';
  const fates = (['kept', 'mapped', 'warned', 'refused'] as const).map(
    (fate) => `${table.request.filter((row) => row.fate === fate).length} ${fate}`,
  );
  return `[${fates.join(', ')}](${pathOf(table)})`;
}

function pathOf({ client, provider }: FidelityTable): string {
  return `fidelity/${named(client).file}-to-${named(provider).file}.md`;
}

/** @throws for a dialect that is none of chat */
function named(dialect: Dialect): (typeof DIALECTS)[number] {
  const found = DIALECTS.find((each) => each.dialect === dialect);
  if (found === undefined) throw new Error(`no page names the dialect ${dialect}`);
  return found;
}

function direction(table: FidelityTable): Page {
  const client = named(table.client).name;
  const provider = named(table.provider).name;
  const text = [
    `# ${client} clients, ${provider} providers`,
    '',
    WRITTEN,
    '',
    'How to read this page: [fidelity.md](../fidelity.md).',
    '',
    `## What a ${client} request says`,
    '',
    ...lines(table.request),
    '',
    `## What a ${provider} answer says`,
    '',
    'Places of streamed events begin with `stream`.',
    '',
    ...lines(table.answer),
    '',
  ].join('\n');
  return { path: pathOf(table), text };
}

function lines(rows: readonly FieldFate[]): string[] {
  return ['| field | fate | how, or why not |', '|---|---|---|', ...rows.map(line)];
}

function line(row: FieldFate): string {
  const says = [
    row.note,
    row.unless === undefined ? undefined : `*unless* ${row.unless}`,
    row.harmless === undefined ? undefined : `no loss: ${row.harmless.says}`,
    row.whole === true ? '*as a whole*' : undefined,
    row.extra === true ? '*extension*' : undefined,
  ];
  const text = says.filter((part) => part !== undefined).join('; ');
  return `| \`${row.field}\` | ${row.fate} | ${text.replaceAll('|', '\\|')} |`;
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names);
}

function explained(checks: readonly ExplainedCheck[]): string {
  const list = checks.map(({ check, over, why }) => `- **${check}** (over providers of ${listed(over)}): ${why}`);
  return ['## Checks of llmprobe that fail, and why', '', ...(list.length === 0 ? ['None.'] : list), ''].join('\n');
}
