import { Document, isScalar, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Draft, DraftAlias, DraftCredential, DraftPolicies, DraftProvider, DraftRoute } from './draft.ts';

type Plain = string | number | boolean | PlainMap | readonly Plain[];
type PlainMap = { readonly [name: string]: Plain | undefined };

/** The draft as the text of a `leeward.yaml`, with a comment at each entry that says where it came from. */
export function writeYaml(draft: Draft, source: { readonly product: string; readonly path: string }): string {
  const root = new YAMLMap();
  if (draft.bodyMebibytesMax !== undefined) {
    root.items.push(new Pair('server', node({ body_bytes_max: `${draft.bodyMebibytesMax}MiB` })));
  }
  const sections: [string, YAMLMap][] = [
    ['providers', commented(draft.providers, (provider) => [provider.from, providerPlain(provider)])],
    ['aliases', commented(draft.aliases, ({ from, target }: DraftAlias) => [from, target])],
    ['routes', commented(draft.routes, (route) => [route.from, routePlain(route)])],
  ];
  for (const [name, map] of sections) {
    if (map.items.length > 0) root.items.push(spaced(new Pair(new Scalar(name), map), root));
  }
  const policies = node(policiesPlain(draft.policies));
  if (policies instanceof YAMLMap && policies.items.length > 0) {
    root.items.push(spaced(new Pair(new Scalar('policies'), policies), root));
  }
  if (draft.retentionDays !== undefined)
    root.items.push(spaced(new Pair(new Scalar('retention_days'), draft.retentionDays), root));
  const document = new Document(root);
  const head = [
    ` Made from ${comment(source.path)} (${source.product}) by "leeward import ${source.product}".`,
    ' Each entry says where it came from. "leeward config validate" checks this file.',
  ].join('\n');
  if (root.items.length === 0) return `#${head.replaceAll('\n', '\n#')}\n{}\n`;
  document.commentBefore = head;
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function commented<Entry>(
  entries: ReadonlyMap<string, Entry>,
  read: (entry: Entry) => readonly [from: readonly string[], plain: Plain],
): YAMLMap {
  const map = new YAMLMap();
  for (const [name, entry] of entries) {
    const [from, plain] = read(entry);
    const key = new Scalar(name);
    if (from.length > 0)
      key.commentBefore = from
        .slice(0, 8)
        .map((place) => ` from ${comment(place)}`)
        .join('\n');
    map.items.push(new Pair(key, node(plain)));
  }
  return map;
}

/** With an empty line before it, unless it comes first. */
function spaced(pair: Pair<Scalar, unknown>, { items }: YAMLMap): Pair {
  pair.key.spaceBefore = items.length > 0;
  return pair;
}

/** A comment ends with its line. */
function comment(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}

function providerPlain(provider: DraftProvider): PlainMap {
  const { name, preset, baseUrl, apiVersion, deployments, credentials, headers, proxy, timeouts, prices } = provider;
  const [only, second] = credentials;
  return {
    preset: name === preset ? undefined : preset,
    base_url: baseUrl,
    api_version: apiVersion,
    deployments: emptyToAbsent(deployments ?? {}),
    ...(only !== undefined && second === undefined && (only.weight ?? 1) === 1 && only.name === 'default'
      ? credentialSource(only)
      : { credentials: credentials.length === 0 ? undefined : credentials.map(credentialPlain) }),
    headers: headers === undefined || Object.keys(headers).length === 0 ? undefined : headers,
    proxy,
    timeouts: emptyToAbsent({ first_byte: timeouts.firstByte, idle: timeouts.idle, total: timeouts.total }),
    prices:
      prices.size === 0
        ? undefined
        : Object.fromEntries(
            [...prices].map(([model, price]) => [
              model,
              {
                input_usd_per_million: price.input,
                cached_input_usd_per_million: price.cachedInput,
                output_usd_per_million: price.output,
              },
            ]),
          ),
  };
}

function credentialPlain(credential: DraftCredential): PlainMap {
  return { name: credential.name, ...credentialSource(credential), weight: credential.weight };
}

function credentialSource({ apiKey }: DraftCredential): PlainMap {
  if (typeof apiKey === 'string') return { api_key: apiKey };
  return { entra: { tenant_id: apiKey.tenantId, client_id: apiKey.clientId, client_secret: apiKey.clientSecret } };
}

function policiesPlain({ backoff, breaker, coolDown }: DraftPolicies): PlainMap {
  return {
    backoff,
    breaker: typeof breaker === 'object' ? { ...breaker } : breaker,
    cool_down: coolDown && { ...coolDown },
  };
}

function routePlain({ strategy, targets, attemptsMax, on }: DraftRoute): PlainMap {
  return {
    strategy,
    targets: targets.map(({ target, weight }) => (weight === undefined ? target : { target, weight })),
    attempts_max: attemptsMax,
    on: on && { context_length: on.contextLength, content_policy: on.contentPolicy },
  };
}

function emptyToAbsent(map: PlainMap): PlainMap | undefined {
  return Object.values(map).some((value) => value !== undefined) ? map : undefined;
}

/** Text that would not be read back as the same text is quoted by the writer; references are quoted for the eye. */
function node(plain: Plain): YAMLMap | YAMLSeq | Scalar {
  if (Array.isArray(plain)) {
    const seq = new YAMLSeq();
    seq.items = plain.map(node);
    return seq;
  }
  if (typeof plain !== 'object') {
    const scalar = new Scalar(plain);
    if (typeof plain === 'string' && plain.includes('${')) scalar.type = 'QUOTE_DOUBLE';
    return scalar;
  }
  const map = new YAMLMap();
  for (const [name, value] of Object.entries(plain)) {
    if (value === undefined) continue;
    const child = node(value);
    map.items.push(new Pair(new Scalar(name), child));
  }
  // One short entry reads best on one line.
  map.flow = map.items.length <= 2 && map.items.length > 0 && map.items.every(({ value }) => isScalar(value));
  if (map.items.length === 0) map.flow = true;
  return map;
}
