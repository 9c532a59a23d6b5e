import type { Draft } from '../../kernel/draft.ts';
import type { ChatCall } from '../../protocol/chat/call.ts';
import { type Fields, isFields } from '../../providers/fields.ts';
import { GEMINI, restOf } from '../../providers/gemini/wire.ts';
import { readContents } from './content-reader.ts';
import { withCamelNames } from './field-names.ts';
import { objectIn, refuseCall, wordIn } from './field-reader.ts';
import { configRest, readConfig } from './setting-reader.ts';
import { readToolChoice, readTools } from './tool-reader.ts';

const KNOWN = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'labels',
  'serviceTier',
]);

/**
 * A `generateContent` request as the call that it means. Its model and whether
 * it is streamed are said by its path, which is not part of it.
 *
 * @throws `invalid_request` naming the field, for what Google's own API would refuse
 */
export function readCall(given: Fields): ChatCall {
  const fields = withCamelNames(given);
  const call: Draft<ChatCall> = {
    model: wordIn(fields, 'model', '')?.replace(/^models\//, '') ?? '',
    stream: false,
    messages: readContents(fields),
    sampling: {},
    ...readToolChoice(fields),
  };
  const tools = readTools(fields);
  if (tools !== undefined) call.tools = tools;
  const config = objectIn(fields, 'generationConfig') ?? {};
  readConfig(config, call);
  const tier = wordIn(fields, 'serviceTier', '');
  if (tier !== undefined && !UNSPECIFIED.test(tier)) call.serviceTier = tier.toLowerCase();
  const metadata = readLabels(fields);
  if (metadata !== undefined) call.metadata = metadata;
  const rest = callRest(fields, config);
  if (rest !== undefined) call.rest = { dialect: GEMINI, fields: rest };
  return call;
}

function readLabels(fields: Fields): ChatCall['metadata'] {
  const labels = objectIn(fields, 'labels');
  if (labels === undefined) return undefined;
  const odd = Object.entries(labels).find(([, value]) => typeof value !== 'string');
  if (odd !== undefined) return refuseCall(`labels.${odd[0].slice(0, 64)}`, 'must be a text');
  return labels as Readonly<Record<string, string>>;
}

function callRest(fields: Fields, config: Fields): Fields | undefined {
  const generationConfig = configRest(config);
  const toolConfig = isFields(fields['toolConfig']) ? toolRest(fields['toolConfig']) : undefined;
  const rest = {
    ...restOf(fields, KNOWN)?.fields,
    ...(generationConfig === undefined ? {} : { generationConfig }),
    ...(toolConfig === undefined ? {} : { toolConfig }),
  };
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** Names no tier, in either form in which Google's clients write it. */
const UNSPECIFIED = /^(?:service_tier_)?unspecified$/i;

const CALLING = new Set(['mode', 'allowedFunctionNames']);

function toolRest(config: Fields): Fields | undefined {
  const calling = config['functionCallingConfig'];
  const more = isFields(calling) ? restOf(calling, CALLING)?.fields : undefined;
  const rest = {
    ...restOf(config, new Set(['functionCallingConfig']))?.fields,
    ...(more === undefined ? {} : { functionCallingConfig: more }),
  };
  return Object.keys(rest).length === 0 ? undefined : rest;
}
