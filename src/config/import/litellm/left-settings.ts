import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';

const KEYS = 'make keys with "leeward keys create", and give one to each client';
const NOTHING = 'nothing';

interface LeftSetting {
  /** The section, and the names in it. A "*" stands for any text. */
  readonly at: readonly [section: string, ...names: string[]];
  readonly why: string;
  readonly instead: string;
}

/** What LiteLLM has and Leeward has not, or does otherwise: each with its reason. @see docs.litellm.ai/docs/proxy/config_settings */
const LEFT: readonly LeftSetting[] = [
  {
    at: ['general_settings', 'master_key', 'enable_jwt_auth', 'custom_auth', 'litellm_jwtauth', 'ui_access_mode'],
    why: 'Leeward makes its own admin token and its own keys',
    instead: KEYS,
  },
  {
    at: ['general_settings', 'database_*', 'allow_requests_on_db_unavailable', 'store_model_in_db', 'use_redis_*'],
    why: 'Leeward brings its database with it; keys and spend are not moved',
    instead: KEYS,
  },
  {
    at: ['general_settings', 'alerting', 'alerting_*', 'alert_*', 'slack_*'],
    why: 'Leeward sends no alerts',
    instead: 'alert on /metrics',
  },
  {
    at: ['general_settings', '*health_check*', '*background_health*'],
    why: 'Leeward makes no calls of its own to see whether a provider lives',
    instead: NOTHING,
  },
  {
    at: ['general_settings', '*max_parallel_requests', 'max_request_size_mb', 'max_response_size_mb'],
    why: 'such limits are not set here',
    instead: 'bound bodies with server.body_bytes_max and server.in_flight_bytes_max',
  },
  {
    at: ['general_settings', 'store_prompts_in_spend_logs', 'disable_spend_*'],
    why: 'records never hold prompts, and are always written',
    instead: 'log.prompts: true puts prompts into the log',
  },
  {
    at: ['litellm_settings', '*callback*', 'langfuse_*', 'json_logs', 'set_verbose', 'turn_off_message_logging'],
    why: 'Leeward has its own log, metrics and records, and calls nobody back',
    instead: 'read /metrics, the log on stderr, and GET /v1/calls/{id}',
  },
  {
    at: ['litellm_settings', 'cache', 'cache_params', 'enable_caching*'],
    why: 'there is no response cache',
    instead: NOTHING,
  },
  {
    at: ['litellm_settings', 'drop_params', 'modify_params', 'additional_drop_params'],
    why: "a client's fields travel as they are; none is dropped or changed",
    instead: 'leave fields that a provider refuses out of the call',
  },
  {
    at: ['router_settings', 'redis_*', 'cache_responses', 'cache_kwargs'],
    why: 'one process needs no shared state',
    instead: NOTHING,
  },
  {
    at: ['router_settings', 'allowed_fails_policy', '*retry_policy', 'retry_after'],
    why: 'Leeward decides by the failure whether to try again, and where',
    instead: 'see policies in leeward.yaml',
  },
  {
    at: ['router_settings', 'enable_pre_call_checks', 'enable_tag_filtering', 'tag_filtering_match_any'],
    why: 'targets are chosen by order or weight alone',
    instead: 'make one route for each choice',
  },
];

const SECTIONS: Readonly<Record<string, { readonly why: string; readonly instead: string }>> = {
  environment_variables: {
    why: 'variables belong to the process, and these may be secrets',
    instead: 'export them where Leeward is started',
  },
  guardrails: { why: 'there are no guardrails', instead: 'check prompts before the call' },
  mcp_servers: { why: 'Leeward is no MCP gateway', instead: 'let clients connect to these servers themselves' },
  pass_through_endpoints: { why: 'Leeward passes no other paths on', instead: 'let clients call these themselves' },
  callback_settings: { why: 'Leeward calls nobody back', instead: 'read /metrics and the log on stderr' },
  include: { why: 'other files are not read', instead: 'import each of them, and join the results' },
};

export function leaveSettings(root: SourcePart, { ledger }: Importer): void {
  for (const { at, why, instead } of LEFT) {
    const [section, ...patterns] = at;
    const expressions = patterns.map(expressionOf);
    for (const [name, part] of root.at(section).members()) {
      if (expressions.some((expression) => expression.test(name))) ledger.left(part, why, instead);
    }
  }
  for (const [name, { why, instead }] of Object.entries(SECTIONS)) ledger.left(root.at(name), why, instead);
}

/** Fields of a deployment that would change what a client asked for, or that have another reason to stay behind. */
export function leaveDeploymentFields(item: SourcePart, { ledger }: Importer): void {
  const params = item.at('litellm_params');
  for (const name of [
    'temperature',
    'max_tokens',
    'max_completion_tokens',
    'top_p',
    'seed',
    'stop',
    'extra_body',
    'n',
  ]) {
    ledger.left(params.at(name), "Leeward does not change a client's request", 'let clients send it');
  }
  ledger.left(
    params.at('max_retries'),
    'a target is tried again only where there is no other, 3 attempts in all',
    'add another target to a route',
  );
  ledger.left(
    params.at('azure_ad_token'),
    'a token that is written down expires',
    'declare entra or token_file by hand',
  );
}

function expressionOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
}
