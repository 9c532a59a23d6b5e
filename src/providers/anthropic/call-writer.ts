import type { ChatCall } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import { settingPlace } from '../../protocol/chat/places.ts';
import type { Fields } from '../fields.ts';
import { refused } from './block-writer.ts';
import { writeCacheMarker } from './cache-marker.ts';
import { continuesWithoutThought, writeMessages } from './message-writer.ts';
import { type ModelTraits, modelTraits } from './model-traits.ts';
import { budgetOf, type ReasoningNames, type WrittenReasoning, writeReasoning } from './reasoning-writer.ts';
import { writeSampling } from './sampling-writer.ts';
import { isForced, writeToolChoice, writeTools } from './tool-writer.ts';
import { ownRest } from './wire.ts';

/** Sent where neither the client nor anybody else says how long an answer may be: the API demands a number. */
const OUTPUT_TOKENS = 4_096;

/**
 * The body of a Messages request for a call.
 *
 * @throws `unsupported_parameter` naming what the model is to read and cannot be sent
 */
export function writeCall(call: ChatCall, traits: TargetTraits, losses: Loss[]): Record<string, unknown> {
  if (call.outputs?.some((output) => output !== 'text'))
    refused(settingPlace(call, 'outputs'), 'its models answer with text alone');
  const model = modelTraits(traits.model);
  const outputTokensMax = outputTokensMaxOf(call, traits, model, losses);
  const { system, messages } = writeMessages(call, losses);
  const wished = reasoningOf(call, traits, model, outputTokensMax, losses);
  const { reasoning, forced } = agreed(call, wished, model, messages, losses);
  const tools = writeTools(call, model, losses);
  const body: Record<string, unknown> = { model: traits.model, max_tokens: outputTokensMax };
  if (system !== undefined) body['system'] = system;
  body['messages'] = messages;
  if (tools !== undefined) body['tools'] = tools;
  const choice = tools === undefined ? undefined : writeToolChoice(call, forced);
  if (choice !== undefined) body['tool_choice'] = choice;
  writeSampling(body, call, model, thinks(reasoning), losses);
  if (reasoning.thinking !== undefined) body['thinking'] = reasoning.thinking;
  const output = outputConfig(call, reasoning);
  loseJsonMode(call, losses);
  if (output !== undefined) body['output_config'] = output;
  if (call.cache !== undefined) body['cache_control'] = writeCacheMarker(call.cache);
  writeIdentity(body, call, losses);
  writeServiceTier(body, call, losses);
  if (call.stream) body['stream'] = true;
  return withRest(body, ownRest(call.rest));
}

function outputTokensMaxOf(call: ChatCall, traits: TargetTraits, model: ModelTraits, losses: Loss[]): number {
  const known = call.outputTokensMax ?? traits.outputTokensMax;
  if (known !== undefined) return known;
  const budget = call.reasoning === undefined || call.reasoning.effort === 'none' || model.adaptive;
  const most = OUTPUT_TOKENS + (budget ? 0 : budgetOf(call.reasoning));
  losses.push({
    field: settingPlace(call, 'outputTokensMax'),
    reason: `not given and demanded here, so ${most} is sent`,
  });
  return most;
}

function reasoningOf(
  call: ChatCall,
  traits: TargetTraits,
  model: ModelTraits,
  outputTokensMax: number,
  losses: Loss[],
): WrittenReasoning {
  const { reasoning } = call;
  if (reasoning === undefined) return {};
  if (traits.thinks !== false) return writeReasoning(reasoning, namesOf(call), model, outputTokensMax, losses);
  if (reasoning.effort !== 'none' && reasoning.mode !== 'disabled') {
    losses.push({ field: settingPlace(call, 'effort'), reason: 'this model does not think before it answers' });
  }
  return {};
}

function namesOf(call: ChatCall): ReasoningNames {
  return { effort: settingPlace(call, 'effort'), budget: settingPlace(call, 'budget') };
}

function thinks({ thinking }: WrittenReasoning): boolean {
  return thinking !== undefined && thinking['type'] !== 'disabled';
}

/**
 * What the API does not take together: a model that thinks is not made to call
 * a tool, and one with a budget does not go on with a turn that it began
 * without a thought. What the client asks of the answer comes before how much
 * is thought about it.
 */
function agreed(
  call: ChatCall,
  reasoning: WrittenReasoning,
  model: ModelTraits,
  messages: readonly Fields[],
  losses: Loss[],
): { readonly reasoning: WrittenReasoning; readonly forced: boolean } {
  const forced = isForced(call);
  if (forced && !model.forcedTools) {
    losses.push({
      field: settingPlace(call, 'toolChoice'),
      reason: 'this model cannot be made to call a tool, so it may choose',
    });
    return { reasoning, forced: false };
  }
  if (!thinks(reasoning)) return { reasoning, forced: true };
  const why = forced
    ? 'this provider does not think where a tool call is demanded'
    : reasoning.thinking?.['type'] === 'enabled' && continuesWithoutThought(messages)
      ? 'the turn was begun without a thought that this provider signed, so it goes on without'
      : undefined;
  if (why === undefined) return { reasoning, forced: true };
  losses.push({ field: settingPlace(call, 'effort'), reason: why });
  return { reasoning: model.canStopThinking ? { thinking: { type: 'disabled' } } : {}, forced: true };
}

function outputConfig({ responseFormat }: ChatCall, { effort }: WrittenReasoning): Fields | undefined {
  const format =
    responseFormat?.type === 'json-schema' ? { type: 'json_schema', schema: responseFormat.schema } : undefined;
  if (effort === undefined && format === undefined) return undefined;
  return { ...(effort === undefined ? {} : { effort }), ...(format === undefined ? {} : { format }) };
}

/** Where the client's dialect says it in one field with what is kept, only the call tells that it is lost. */
function loseJsonMode(call: ChatCall, losses: Loss[]): void {
  const field = settingPlace(call, 'responseFormat');
  if (call.responseFormat?.type !== 'json' || losses.some((loss) => loss.field === field)) return;
  losses.push({ field, reason: 'the Messages dialect has no JSON mode without a schema' });
}

function writeIdentity(body: Record<string, unknown>, call: ChatCall, losses: Loss[]): void {
  const { endUser, safetyIdentifier } = call;
  const user = safetyIdentifier ?? endUser;
  if (user === undefined) return;
  body['metadata'] = { user_id: user };
  if (endUser !== undefined && endUser !== user) {
    losses.push({ field: 'user', reason: 'one name of the end user is sent, the safety identifier' });
  }
}

const TIER: Readonly<Record<string, string>> = {
  auto: 'auto',
  default: 'standard_only',
  standard: 'standard_only',
  standard_only: 'standard_only',
};

function writeServiceTier(body: Record<string, unknown>, call: ChatCall, losses: Loss[]): void {
  const { serviceTier: tier } = call;
  if (tier === undefined) return;
  const known = TIER[tier];
  if (known === undefined) {
    losses.push({ field: settingPlace(call, 'serviceTier'), reason: 'this provider has no tier of that name' });
  } else body['service_tier'] = known;
}

/** What only this dialect knows goes back as it came; of objects that are written here, the members that are not. */
function withRest(body: Record<string, unknown>, rest: Fields | undefined): Record<string, unknown> {
  if (rest === undefined) return body;
  const whole: Record<string, unknown> = { ...rest, ...body };
  for (const name of ['metadata', 'output_config']) {
    if (rest[name] !== undefined && body[name] !== undefined) {
      whole[name] = { ...(rest[name] as Fields), ...(body[name] as Fields) };
    }
  }
  return whole;
}
