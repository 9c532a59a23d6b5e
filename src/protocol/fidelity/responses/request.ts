import { nothingInIt, only } from '../harmless.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';

const NO_SETTING = 'this provider has no such setting';
const NOT_KEPT_HERE = 'this gateway does not keep it, and it lies at another provider';

/** Who asks, and how the call is handled. */
const handling: readonly FieldFate[] = [
  kept(['model', 'stream']),
  warned('stream_options.include_obfuscation', 'events of a stream are not padded', { harmless: only(false) }),
  mapped('store', 'the gateway keeps the answer, as far as it is set up to'),
  refused(['previous_response_id', 'conversation'], NOT_KEPT_HERE),
  refused('prompt', 'the template lies at another provider'),
  refused('background', 'this provider answers while the client waits', { harmless: only(false) }),
  refused('moderation', 'this provider does not moderate on request'),
  warned('max_tool_calls', 'this provider does not bound the calls of its own tools'),
  warned('truncation', 'this provider shortens no conversation', { harmless: only('disabled') }),
  warned('context_management', 'this provider edits no context'),
  warned('image.context_compression', NO_SETTING, { harmless: only('auto') }),
  warned('access_programs', 'it belongs to the account of another provider', { harmless: nothingInIt }),
  mapped('client_metadata', 'an agent tells OpenAI of itself; no model reads it', { extra: true, whole: true }),
].flat();

const caching: readonly FieldFate[] = [
  warned('prompt_cache_options.mode', 'this provider decides by itself what it keeps', { harmless: only('implicit') }),
  warned('prompt_cache_options.ttl', NO_SETTING),
  warned(['prompt_cache_options.prewarm', 'prompt_cache_options.comparison_response_id'], NO_SETTING),
  warned('prompt_cache_retention', NO_SETTING, { harmless: only('in_memory') }),
].flat();

const thinking: readonly FieldFate[] = [
  mapped(['reasoning.summary', 'reasoning.generate_summary'], 'what the model tells of its thoughts, in `summary`'),
  warned('reasoning.context', NO_SETTING, { harmless: only('auto', 'current_turn') }),
  warned('reasoning.mode', NO_SETTING, { harmless: only('standard') }),
].flat();

/** What a Responses request says that has the same fate at each provider of another dialect. */
export const responsesRequest: readonly FieldFate[] = [...handling, ...caching, ...thinking];
