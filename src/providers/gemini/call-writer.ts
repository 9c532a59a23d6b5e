import type { ChatCall } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import { type CallWriting, callWriting, loseSetting, NO_MARKERS } from './call-losses.ts';
import { set, writeConfig } from './config-writer.ts';
import { writeContents } from './content-writer.ts';
import { merged } from './part-writer.ts';
import { writeTools } from './tool-writer.ts';
import { ownRest } from './wire.ts';

/**
 * The body of a GenerateContentRequest for a call. Which model, and whether it
 * streams, its path says.
 *
 * @throws `unsupported_parameter` naming what the model is to read and cannot be sent
 */
export function writeCall(call: ChatCall, traits: TargetTraits, losses: Loss[]): Record<string, unknown> {
  const writing = callWriting(call, traits, losses);
  const { systemInstruction, contents } = writeContents(writing);
  const { tools, calling } = writeTools(writing);
  const config = writeConfig(writing);
  if (call.cache !== undefined) loseSetting(writing, 'cache', NO_MARKERS);
  const body = {
    ...set('systemInstruction', systemInstruction),
    contents,
    ...set('tools', tools),
    ...(calling === undefined ? {} : { toolConfig: { functionCallingConfig: calling } }),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
    ...set('serviceTier', tierOf(writing)),
    ...set('labels', labelsOf(writing)),
  };
  const rest = ownRest(call.rest);
  return rest === undefined ? body : merged(body, rest);
}

/** Names of a tier differ; the usual one is what is given to whoever names none. */
const TIERS: Readonly<Record<string, string | undefined>> = {
  auto: undefined,
  default: 'standard',
  standard: 'standard',
  standard_only: 'standard',
  unspecified: 'unspecified',
  flex: 'flex',
  priority: 'priority',
};

function tierOf(writing: CallWriting): string | undefined {
  const { serviceTier } = writing.call;
  if (serviceTier === undefined) return undefined;
  const name = serviceTier.toLowerCase();
  if (!Object.hasOwn(TIERS, name)) loseSetting(writing, 'serviceTier', 'this provider has no tier of that name');
  return TIERS[name];
}

/** Vertex AI alone takes labels; whoever speaks this dialect to Google knows which of the two it is. */
function labelsOf(writing: CallWriting): ChatCall['metadata'] {
  const { metadata, client } = writing.call;
  if (metadata === undefined || client === 'gemini') return metadata;
  // What a client of Responses says of its answer is kept here, with that.
  if (client === 'openai-responses') return undefined;
  if (Object.keys(metadata).length > 0) loseSetting(writing, 'metadata', 'this provider keeps no metadata');
  return undefined;
}
