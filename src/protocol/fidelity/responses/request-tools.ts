import { listOf, only } from '../harmless.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';

const NOT_RUN = 'this provider does not run this tool';

/** Settings of a tool of the client's that no other dialect has, wherever the tool stands. */
function clientTool(tool: string): FieldFate[] {
  return [
    warned(`${tool}.allowed_callers`, 'tools are called by the model alone', { harmless: listOf('direct') }),
    warned(`${tool}.async`, 'the model waits for what it calls', { harmless: only(false) }),
    warned(`${tool}.defer_loading`, 'the tool is told at once', { harmless: only(false) }),
  ].flat();
}

const functions: readonly FieldFate[] = ['tools[function]', 'tools[namespace].tools[function]'].flatMap((tool) => [
  ...mapped(`${tool}.parameters`, 'the schema as it is', { whole: true }),
  ...warned(`${tool}.output_schema`, 'only what a tool takes is told, and not what it gives'),
  ...clientTool(tool),
]);

const customs: readonly FieldFate[] = ['tools[custom]', 'tools[namespace].tools[custom]'].flatMap((tool) => [
  ...mapped(`${tool}.format(text)`, 'the input is a text'),
  ...clientTool(tool),
]);

const namespaces: readonly FieldFate[] = [
  mapped('tools[namespace].name', 'its tools are called `<namespace>__<name>` there, and here by their own names'),
  warned('tools[namespace].description', 'tools of this dialect stand in no namespaces'),
  kept(['tools[namespace].tools[function].description', 'tools[namespace].tools[custom].description']),
  mapped(['tools[namespace].tools[function].name', 'tools[namespace].tools[custom].name'], '`<namespace>__<name>`'),
  refused('tools[namespace].tools[*]', 'a tool of this type is not known to this gateway'),
].flat();

const hosted: readonly FieldFate[] = [
  refused(
    ['file_search', 'image_generation', 'mcp', 'programmatic_tool_calling'].map((type) => `tools[${type}]`),
    NOT_RUN,
  ),
  refused(
    ['computer', 'computer_use_preview', 'local_shell', 'shell', 'apply_patch'].map((type) => `tools[${type}]`),
    "models of other vendors do not know this tool of OpenAI's",
  ),
  warned('tools[tool_search]', 'all tools are told at once'),
  refused('tools[*]', 'a tool of this type is not known to this gateway'),
].flat();

const choice: readonly FieldFate[] = [
  refused(
    [
      'apply_patch',
      'computer',
      'computer_use',
      'computer_use_preview',
      'file_search',
      'image_generation',
      'mcp',
      'programmatic_tool_calling',
      'shell',
    ].map((type) => `tool_choice(${type})`),
    NOT_RUN,
  ),
  refused('tool_choice(*)', 'a choice of this type is not known to this gateway'),
].flat();

/** What a Responses request says of tools that has the same fate at each provider of another dialect. */
export const responsesTools: readonly FieldFate[] = [...functions, ...customs, ...namespaces, ...hosted, ...choice];

/** Each name that the search of the web goes by. */
export const WEB_SEARCHES = [
  'web_search',
  'web_search_2025_08_26',
  'web_search_preview',
  'web_search_preview_2025_03_11',
] as const;

/** How a provider that searches the web itself takes what its search is told. */
export interface WebSearchFates {
  readonly tool: string;
  allowedDomains(field: string): FieldFate[];
  userLocation(field: string): FieldFate[];
}

/** The search of the web, at providers that search it themselves. */
export function webSearch({ tool, allowedDomains, userLocation }: WebSearchFates): FieldFate[] {
  return WEB_SEARCHES.flatMap((type) => {
    const place = `tools[${type}]`;
    const preview = type.startsWith('web_search_preview');
    const places = ['city', 'country', 'region', 'timezone'];
    return [
      mapped(place, tool),
      warned(`${place}.search_context_size`, 'this provider has no such setting', { harmless: only('medium') }),
      places.flatMap((name) => userLocation(`${place}.user_location(approximate).${name}`)),
      preview
        ? warned(`${place}.search_content_types`, 'this provider searches for texts', { harmless: listOf('text') })
        : [
            ...allowedDomains(`${place}.filters.allowed_domains`),
            ...warned(`${place}.external_web_access`, 'this provider knows no offline search: the tool is left out', {
              harmless: only(true),
            }),
          ],
    ].flat();
  });
}

/** A search of the web that the model has to make; the vendor's types know its older names alone. */
export function searchChoice(fate: (field: string, extras: { extra?: true }) => FieldFate[]): FieldFate[] {
  return WEB_SEARCHES.flatMap((type) =>
    fate(`tool_choice(${type})`, type.startsWith('web_search_preview') ? {} : { extra: true }),
  );
}
