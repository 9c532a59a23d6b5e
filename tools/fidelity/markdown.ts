import type { FidelityTable, FieldFate } from '../../src/protocol/fidelity/table.ts';
import type { ExplainedCheck } from './explained-checks.ts';

const NAMES: Readonly<Record<string, string>> = {
  'openai-chat': 'Chat Completions',
  'anthropic-messages': 'Messages',
};

const INTRODUCTION = `# What survives a translation

<!-- Written by \`npm run make:fidelity\` out of src/protocol/fidelity/. Change it there. -->

Where client and provider speak the same dialect, everything is kept: the provider gets the client's bytes and the client
the provider's, but for the model's name, limits that a policy sets, a usage event that only Leeward asked for, and
Leeward's own error events.

Where they speak different ones, Leeward translates, and this page says field by field what becomes of what was said. It
is made from the table that the gateway itself walks along for each call.

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

How to read a place: \`a.b\` is a member and \`a[]\` each element of a list. Where objects are told apart by their \`type\`
(messages by their \`role\`), that stands in brackets: \`content[text].text\`, or \`source(base64).data\` of an object that
stands alone. A \`*\` stands for all that begin so and have no row of their own. A row that is warned or refused, or marked
*as a whole*, holds for all below it. Fields marked *extension* are not among the vendor's own types: others who speak its
dialect have added them.
`;

/** `docs/fidelity.md`, whole. */
export function fidelityMarkdown(tables: readonly FidelityTable[], checks: readonly ExplainedCheck[]): string {
  return [INTRODUCTION, ...tables.map(direction), explained(checks)].join('\n');
}

function direction(table: FidelityTable): string {
  const client = NAMES[table.client] ?? table.client;
  const provider = NAMES[table.provider] ?? table.provider;
  return [
    `## ${client} clients, ${provider} providers`,
    '',
    `### What a ${client} request says`,
    '',
    ...lines(table.request),
    '',
    `### What a ${provider} answer says`,
    '',
    'Places of streamed events begin with `stream`.',
    '',
    ...lines(table.answer),
    '',
  ].join('\n');
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

function explained(checks: readonly ExplainedCheck[]): string {
  const list = checks.map(({ check, why }) => `- **${check}**: ${why}`);
  return ['## Checks of llmprobe that fail, and why', '', ...(list.length === 0 ? ['None.'] : list), ''].join('\n');
}
