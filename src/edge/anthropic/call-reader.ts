import type { Draft } from '../../kernel/draft.ts';
import type { ChatCall } from '../../protocol/chat/call.ts';
import { readCacheMarker } from '../../providers/anthropic/cache-marker.ts';
import { MESSAGES, restOf } from '../../providers/anthropic/wire.ts';
import { type Fields, textIn } from '../../providers/fields.ts';
import { objectIn, refuseCall } from './field-reader.ts';
import { readMessages } from './message-reader.ts';
import { outputConfigRest, readReasoning, readResponseFormat, readSampling } from './setting-reader.ts';
import { readToolChoice, readTools } from './tool-reader.ts';

const KNOWN = new Set([
  'model',
  'max_tokens',
  'messages',
  'system',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'metadata',
  'service_tier',
  'cache_control',
  'output_config',
  'output_format',
]);

/**
 * A Messages request as the call that it means.
 *
 * @throws `invalid_request` naming the field, for what Anthropic's own API would refuse
 */
export function readCall(fields: Fields): ChatCall {
  const call: Draft<ChatCall> = {
    model: textIn(fields, 'model') ?? refuseCall('model', 'Field required'),
    stream: fields['stream'] === true,
    messages: readMessages(fields),
    ...readToolChoice(fields),
    sampling: readSampling(fields),
    outputTokensMax: outputTokensMaxOf(fields),
  };
  const tools = readTools(fields);
  if (tools !== undefined) call.tools = tools;
  const reasoning = readReasoning(fields);
  if (reasoning !== undefined) call.reasoning = reasoning;
  const responseFormat = readResponseFormat(fields);
  if (responseFormat !== undefined) call.responseFormat = responseFormat;
  const cache = readCacheMarker(fields['cache_control'], 'cache_control', refuseCall);
  if (cache !== undefined) call.cache = cache;
  const tier = textIn(fields, 'service_tier');
  if (tier !== undefined) call.serviceTier = tier;
  const metadata = objectIn(fields, 'metadata');
  const endUser = metadata === undefined ? undefined : textIn(metadata, 'user_id');
  if (endUser !== undefined) call.endUser = endUser;
  const rest = callRest(fields, metadata);
  if (rest !== undefined) call.rest = { dialect: MESSAGES, fields: rest };
  return call;
}

function outputTokensMaxOf({ max_tokens: asked }: Fields): number {
  if (asked === undefined || asked === null) return refuseCall('max_tokens', 'Field required');
  const whole = typeof asked === 'number' && Number.isSafeInteger(asked) && asked >= 0;
  return whole ? asked : refuseCall('max_tokens', 'Input should be a valid integer');
}

function callRest(fields: Fields, metadata: Fields | undefined): Fields | undefined {
  const config = outputConfigRest(fields);
  const data = metadata === undefined ? undefined : restOf(metadata, new Set(['user_id']))?.fields;
  const rest = {
    ...restOf(fields, KNOWN)?.fields,
    ...(config === undefined ? {} : { output_config: config }),
    ...(data === undefined ? {} : { metadata: data }),
  };
  return Object.keys(rest).length === 0 ? undefined : rest;
}
