import { z } from 'zod';
import { FOREIGN_MEMBERS } from '../protocol/chat/codec.ts';
import { DIALECTS } from '../protocol/operation.ts';
import { PRIORITIES } from '../protocol/priority.ts';
import {
  addressRange,
  baseUrl,
  databaseUrl,
  duration,
  flag,
  headerValue,
  instant,
  integer,
  keyDigest,
  namePattern,
  proxyUrl,
  rate,
  secretKey,
  size,
  text,
  timeZone,
  usdAmount,
  weight,
} from './leaves.ts';
import { isLoopbackHost } from './loopback.ts';
import { alternatives, degrade, globalPolicies, routePolicies, targetPolicies } from './policy-schema.ts';
import { PRESET_NAMES } from './presets.ts';
import { price, priceRule } from './price-schema.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const MIB = 2 ** 20;

/** A name that can stand before the slash of `provider/model`. */
const providerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be letters, digits, ".", "_" or "-", at most 64 of them');

/** A name a client can send as `model`: a slash would make it a provider's. */
const modelName = z
  .string()
  .regex(/^[\x21-\x2e\x30-\x7e]{1,128}$/, 'must be 1 to 128 ASCII characters without spaces or slashes');

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'must be a header name: letters, digits and "-"');

const pathPart = (what: string) =>
  z.string({ error: `must be ${what}` }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, `must be ${what}`);

const adminListener = z
  .strictObject({
    host: text('an address such as 127.0.0.1').prefault('127.0.0.1').describe('Address to listen on.'),
    port: integer(0, 65_535).describe('Port to listen on; 0 lets the system choose.'),
    public: flag().prefault(false).describe('Whether host may be an address that other machines reach.'),
  })
  .refine(({ host, public: isPublic }) => isPublic || isLoopbackHost(host), {
    path: ['host'],
    error: 'would open the administration to other machines: use 127.0.0.1, or say public: true if that is meant',
  })
  .describe('A listener of their own for /admin, /metrics and the page, which the other one then lacks.');

const server = z.strictObject({
  host: text('an address such as 127.0.0.1').prefault('127.0.0.1').describe('Address to listen on.'),
  port: integer(0, 65_535).prefault(5339).describe('Port to listen on; 0 lets the system choose.'),
  allowed_hosts: z
    .array(text('a host name'))
    .max(100)
    .prefault([])
    .describe('Host headers to answer besides loopback ones.'),
  body_bytes_max: size(1_024, 1_024 * MIB)
    .prefault('20MiB')
    .describe('A larger request body is refused.'),
  in_flight_bytes_max: size(1_024, 64 * 1_024 * MIB)
    .prefault('256MiB')
    .describe('All request bodies held at once; beyond it new calls are refused as overloaded.'),
  drain: duration(0, HOUR).prefault('60s').describe('How long calls under way may finish after a stop signal.'),
  drain_accept: duration(0, HOUR)
    .prefault('5s')
    .describe(
      'How long calls are still taken after SIGTERM, while /readyz says already that no more should come: a balancer needs a moment to hear it.',
    ),
  trusted_proxies: z
    .array(addressRange())
    .max(100)
    .prefault([])
    .describe('Proxies whose X-Forwarded-For says where a call comes from. Default: the connection alone does.'),
  auth: z
    .enum(['keys', 'none'])
    .prefault('keys')
    .describe('"none" answers anybody who reaches the port: loopback addresses only.'),
  admin: adminListener.optional(),
});

const entra = z
  .strictObject({
    tenant_id: pathPart('the id or domain of a tenant'),
    client_id: text('the id of an application'),
    client_secret: secretKey().describe('Best taken from the environment or from a file, not written here.'),
    scope: text('a scope').prefault('https://cognitiveservices.azure.com/.default'),
    authority: baseUrl().prefault('https://login.microsoftonline.com').describe('Who issues the token.'),
  })
  .describe('A token of Microsoft Entra ID instead of a key, fetched anew before it expires.');

const tokenFile = text('a path').describe('A file with a token instead of a key; it is read again when it changes.');

const credential = z.strictObject({
  name: providerName.describe('Shown in records instead of the key.'),
  api_key: secretKey().optional().describe('Best taken from the environment or from a file, not written here.'),
  entra: entra.optional(),
  token_file: tokenFile.optional(),
  weight: weight().prefault(1),
});

const attemptTimeouts = {
  first_byte: duration(1, HOUR)
    .optional()
    .describe('From dispatch to the head of the answer. Default: 60s for a stream, 10m otherwise.'),
  first_token: duration(1, HOUR)
    .optional()
    .describe('From dispatch to the first token of a stream. Default: 60s, or first_byte where that is longer.'),
  idle: duration(1, HOUR).optional().describe('Between two chunks of an answer. Default: 5m.'),
  total: duration(1, 24 * HOUR)
    .optional()
    .describe('For one attempt. Default: what is left of the call.'),
};

const timeouts = z
  .strictObject({
    connect: duration(1, HOUR).optional().describe('For a connection to stand. Default: 5s.'),
    ...attemptTimeouts,
  })
  .describe('How long each part of an attempt may take.');

const dialect = z.enum(DIALECTS);

const provider = z.strictObject({
  preset: z.enum(PRESET_NAMES).optional().describe("What is known about the vendor. Default: the provider's own name."),
  api_key: secretKey().optional().describe("Default: the preset's usual environment variable."),
  entra: entra.optional(),
  token_file: tokenFile.optional(),
  credentials: z.array(credential).min(1).max(100).optional().describe('Several keys, instead of api_key.'),
  base_url: baseUrl().optional().describe('Up to and including /v1.'),
  dialect: z
    .union([dialect, z.array(dialect).min(1).max(DIALECTS.length)])
    .optional()
    .describe(
      'What it speaks, where it is not what its preset says. A call in another dialect is translated, where it can be.',
    ),
  vocabulary: z
    .strictObject({
      cache_markers: z.enum(['cache_control', 'prompt_cache_breakpoint']).optional(),
      reasoning_field: z.enum(['reasoning_content', 'reasoning', 'reasoning_details']).optional(),
      thought_needed: flag().optional(),
      end_user_field: z.enum(['safety_identifier', 'user']).optional(),
      foreign_members: z.array(z.enum(FOREIGN_MEMBERS)).optional(),
    })
    .optional()
    .describe(
      'What it may be told, where its preset does not know: how a cache marker is written, by which name it takes thoughts back and whether it refuses a turn without one, what it calls the end user; and what it refuses in the turns of other models, so that it is cut out of them.',
    ),
  api_version: pathPart('a version such as 2024-10-21')
    .optional()
    .describe("Azure's older surface, with deployments in the path."),
  deployments: z
    .record(text('a model name'), pathPart('the name of a deployment'))
    .optional()
    .describe('What the provider calls a model, by model.'),
  headers: z.record(headerName, headerValue()).optional(),
  proxy: proxyUrl().optional(),
  ca_file: text('a path').optional(),
  client_cert_file: text('a path').optional(),
  client_key_file: text('a path').optional(),
  http2: flag().prefault(false),
  on_client_gone: z
    .enum(['abort', 'drain'])
    .optional()
    .describe(
      'What becomes of an answer whose client has left: hang up, where the provider then stops billing, or read it to its end, because it is billed anyway. Absent: what is known of the provider.',
    ),
  timeouts: timeouts.prefault({}),
  policies: targetPolicies.optional().describe('What holds for its targets, where it is not as in policies above.'),
  prices: z.record(text('a model name'), price).optional().describe('By model; US dollars in quotes.'),
});

const target = z.union([
  text('provider/model, an alias or route/<name>'),
  z.strictObject({
    target: text('provider/model, an alias or route/<name>'),
    weight: weight().prefault(1),
    timeouts: z
      .strictObject(attemptTimeouts)
      .optional()
      .describe("How long each part of an attempt may take here, where it is not as the provider's timeouts."),
    policies: targetPolicies.optional().describe('What holds for this target alone.'),
  }),
]);

const route = z.strictObject({
  targets: z.array(target).min(1).max(64),
  strategy: z
    .enum(['fallback', 'weighted'])
    .prefault('fallback')
    .describe('"fallback" tries targets in order, "weighted" draws by weight.'),
  attempts_max: integer(1, 3).prefault(3),
  timeout: duration(1, 24 * HOUR)
    .prefault('10m')
    .describe('For the whole call, all attempts together.'),
  policies: routePolicies.optional().describe('What holds on this route, where it is not as elsewhere.'),
  on: alternatives.prefault({}),
  degrade,
});

const limits = {
  per: z
    .enum(['lifetime', 'month', 'week', 'day', 'hour'])
    .optional()
    .describe('How long a window is: of the calendar, or one without end. Default: lifetime for credit.'),
  time_zone: timeZone().prefault('UTC').describe('Whose calendar.'),
  hard: usdAmount().optional().describe('US dollars that are never exceeded: a call that might is refused.'),
  soft: usdAmount()
    .optional()
    .describe(
      'An alert is raised once in a window when this much is spent; for credit, when no more than this is left.',
    ),
};

const keyBudget = z.strictObject({ ...limits, each: z.enum(['end_user', 'task']).optional() });

const budget = z
  .strictObject({
    scope: z
      .union([
        z.literal('organisation'),
        z.strictObject({ project: text('a project').max(64).optional(), key: text('a key').max(128).optional() }),
      ])
      .prefault('organisation')
      .describe('Whose calls count: organisation, { project: <id> }, or { key: <a key of this file, or an id> }.'),
    each: z
      .enum(['end_user', 'task'])
      .optional()
      .describe('Not one amount for all, but one for each end user, or each task, that calls name.'),
    ...limits,
    credit: flag()
      .prefault(false)
      .describe('Prepaid: what may be spent is what was bought with "leeward credits top-up".'),
    rates: z
      .record(namePattern('a pattern such as openai/*'), rate())
      .optional()
      .describe('How charges count here, by pattern of provider/model; the first that fits decides.'),
  })
  .describe('How much may be spent by whom in which window.');

const RULE_ENTRIES_MAX = 100;

/** What a key may reach: each part narrows, and one that is left out restricts nothing. */
const allow = z
  .strictObject({
    models: z
      .array(namePattern('a model such as openai/gpt-4o, or a pattern such as openai/*'))
      .min(1)
      .max(RULE_ENTRIES_MAX)
      .optional()
      .describe('Patterns of provider/model that its calls may go to, by whatever name.'),
    routes: z
      .array(namePattern('the name of a route or an alias, or direct'))
      .min(1)
      .max(RULE_ENTRIES_MAX)
      .optional()
      .describe('Routes and aliases that it may name; "direct" stands for a model of a provider.'),
    addresses: z
      .array(addressRange())
      .min(1)
      .max(RULE_ENTRIES_MAX)
      .optional()
      .describe('Where its calls may come from.'),
    priority_max: z
      .enum(PRIORITIES)
      .optional()
      .describe('The highest priority that its calls may claim with x-leeward-priority. Default: critical.'),
  })
  .describe("What it may reach. Its parents' rules hold as well.");

const key = z.strictObject({
  key_hash: keyDigest().optional().describe('The SHA-256 of the key: "leeward config key" makes a key and its hash.'),
  key: secretKey().optional().describe('Instead of key_hash; from the environment or from a file.'),
  parent: providerName
    .optional()
    .describe('Another key of this file, which it is a sub-key of: it only narrows that one.'),
  project: text('a project').max(64).optional().describe("Whose calls these are. Default: the gateway's one project."),
  scopes: z
    .array(z.enum(['metrics']))
    .max(20)
    .prefault([])
    .describe('What it may do besides calling models.'),
  expires_at: instant().optional().describe('From then on it is refused.'),
  allow: allow.optional(),
  budget: keyBudget.optional().describe('Its cap, in short.'),
  budgets: z.array(keyBudget).min(1).max(10).optional().describe('Several, for several windows.'),
});

/** `leeward.yaml` as it is written, before names are checked against each other. */
export const fileSchema = z.strictObject({
  $schema: z.string().max(2_000).optional().describe('Where editors find this schema; nothing else reads it.'),
  server: server.prefault({}),
  providers: z.record(providerName, provider).prefault({}),
  aliases: z
    .record(modelName, text('provider/model or route/<name>'))
    .prefault({})
    .describe('Names clients may send as model.'),
  routes: z.record(modelName, route).prefault({}),
  policies: globalPolicies
    .prefault({})
    .describe(
      'How targets that fail, throttle or slow down are met; a provider, a route and its targets may say more.',
    ),
  keys: z.record(providerName, key).prefault({}).describe('Keys for clients, by name. Others are kept in the store.'),
  budgets: z.record(providerName, budget).prefault({}).describe('Caps, alerts and prepaid credit, by name.'),
  prices: z
    .array(priceRule)
    .max(1_000)
    .prefault([])
    .describe('Agreed prices, by organisation, by pattern of provider/model, and from a day on.'),
  money: z
    .strictObject({
      currency: z.literal('USD').prefault('USD').describe('Prices and budgets are in US dollars.'),
      charge: z
        .enum(['winner_only', 'all_attempts'])
        .prefault('winner_only')
        .describe('Whether budgets pay for the attempt that answered, or for failed ones too.'),
    })
    .prefault({}),
  sim: z
    .strictObject({
      seed: integer(0, 2 ** 32 - 1).prefault(1),
      faults: z.array(z.unknown()).max(1_000).prefault([]),
    })
    .prefault({})
    .describe('The simulated provider.'),
  log: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).prefault('info'),
      prompts: flag().prefault(false).describe('Whether request bodies, prompts included, are logged.'),
    })
    .prefault({}),
  store: z
    .strictObject({
      database_url: databaseUrl()
        .optional()
        .describe(
          'A server Postgres, best taken from the environment. Default: the variable DATABASE_URL; without it an embedded store.',
        ),
    })
    .prefault({}),
  retention_days: integer(1, 3_650).prefault(90),
  answer_retention_days: integer(0, 3_650)
    .prefault(30)
    .describe(
      'Days that answers of the Responses API are kept, for requests that refer to them. 0: none is, whatever a request asks for.',
    ),
  usage_retention_days: integer(1, 36_500)
    .prefault(1_100)
    .describe('Days that usage by the hour is kept, and what was told of tasks; never less than retention_days.'),
});

/** The file after the schema: defaults filled in, units and secrets converted, names not yet resolved. */
export type FileConfig = z.output<typeof fileSchema>;
export type FileProvider = FileConfig['providers'][string];

let jsonSchema: Readonly<Record<string, unknown>> | undefined;

/** The JSON Schema (draft 7, as YAML editors read it) of `leeward.yaml`. Made once; not to be changed. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  jsonSchema ??= {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'leeward.yaml',
    ...z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-7' }),
  };
  return jsonSchema;
}

/** The same as the text of `assets/config.v1.schema.json`. */
export function configSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
}
