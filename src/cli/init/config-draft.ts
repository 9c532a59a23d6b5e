/** A provider as it was found, as far as a first configuration says something about it. */
export interface DraftProvider {
  readonly name: string;
  /** The variable that holds its key; absent for one that needs none. */
  readonly variable?: string;
  /** Where it was found, for the comment beside it. */
  readonly from: string;
  /** A model to begin with, where one is known. */
  readonly model?: string;
}

const ROUTE = 'writer';

/**
 * The text of a first `leeward.yaml`.
 *
 * @param schema the JSON Schema's place as the file should name it, for editors
 */
export function configDraft(providers: readonly DraftProvider[], schema: string): string {
  return [
    `# yaml-language-server: $schema=${schema}`,
    '#',
    '# What Leeward does, as far as it differs from the defaults.',
    '#   leeward config validate   reports everything that is wrong, with its line',
    '#   leeward dev               runs it on this machine',
    `# Secrets do not belong in here: \${env:NAME} and \${file:/path} are read when the file is loaded.`,
    '',
    'server:',
    '  port: 5339',
    '  # host: 0.0.0.0            # other than loopback, callers need keys, which is the default',
    '  # drain: 60s               # how long calls under way may finish after a stop signal',
    '',
    ...providerLines(providers),
    '',
    ...aliasLines(providers),
    '',
    ...routeLines(providers),
    '',
  ].join('\n');
}

function providerLines(providers: readonly DraftProvider[]): string[] {
  if (providers.length === 0) {
    return [
      '# No provider was found in the environment. "sim/…" always answers, without a key and for nothing. Others:',
      '# providers:',
      `#   openai: { api_key: "\${env:OPENAI_API_KEY}" }`,
      '#   ollama: {}                                      # on its usual port',
      '#   mine: { preset: openai-compatible, base_url: "http://127.0.0.1:9000/v1" }',
    ];
  }
  return [
    'providers:',
    ...providers.flatMap(({ name, variable, from }) =>
      variable === undefined
        ? [`  # found at ${from}`, `  ${name}: {}`]
        : [`  # found by ${from}`, `  ${name}: { api_key: "\${env:${variable}}" }`],
    ),
    '  # mine: { preset: openai-compatible, base_url: "http://127.0.0.1:9000/v1" }',
  ];
}

function aliasLines(providers: readonly DraftProvider[]): string[] {
  const first = providers.find(({ model }) => model !== undefined);
  const target = first === undefined ? 'sim/sim-small' : `${first.name}/${first.model}`;
  return [
    '# Names that applications may send as their model, so that they need not know whose it is.',
    'aliases:',
    `  default: ${target}`,
  ];
}

/** The first providers with a known model, in the order they were found; the simulated one where there is none. */
function routeLines(providers: readonly DraftProvider[]): string[] {
  const targets = providers.flatMap(({ name, model }) => (model === undefined ? [] : [`${name}/${model}`])).slice(0, 3);
  const [intro, shown] =
    targets.length > 0
      ? [`# model "route/${ROUTE}" tries these in order, until one has given its first byte.`, targets]
      : [
          `# model "route/${ROUTE}" tries its targets in order, until one has given its first byte.`,
          ['sim/sim-large', 'sim/sim-small'],
        ];
  return [
    intro ?? '',
    'routes:',
    `  ${ROUTE}:`,
    '    targets:',
    ...shown.map((target) => `      - ${target}`),
    '    # attempts_max: 3',
    '    # timeout: 10m',
  ];
}
