import { tableOf } from '../../../src/protocol/fidelity/tables.ts';
import { askGateway, type ChatDialect } from './dialects.ts';
import type { House } from './house.ts';
import { type Json, objectOf, parsed, textOf } from './json.ts';
import { plainRequest } from './plain-request.ts';
import type { Recording } from './recordings.ts';
import { warningsOf } from './warnings.ts';

/** Wishes of each dialect that one or another one has no word for. */
const WISHES: Readonly<Record<ChatDialect, readonly (readonly [string, unknown])[]>> = {
  'openai-chat': [
    ['seed', 7],
    ['logit_bias', { 7: 1 }],
  ],
  'openai-responses': [
    ['truncation', 'auto'],
    ['max_tool_calls', 7],
  ],
  'anthropic-messages': [
    ['top_k', 40],
    ['inference_geo', 'us'],
    ['service_tier', 'standard_only'],
    ['speed', 'fast'],
  ],
  gemini: [
    ['safetySettings', [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_LOW_AND_ABOVE' }]],
    ['labels', { team: 'a' }],
    ['serviceTier', 'flex'],
  ],
};

/** The first one that the table says is lost. */
function lostWish(client: ChatDialect, provider: ChatDialect): readonly [string, unknown] {
  const rows = tableOf(client, provider)?.request ?? [];
  const found = WISHES[client].find(([field, value]) =>
    rows.some((row) => row.field === field && row.fate === 'warned' && row.harmless?.holds(value) !== true),
  );
  return found ?? ['no wish that the table says is lost', undefined];
}

/** A wish that is lost is told by its name, and by nothing else; who is strict gets a 400 that names it. */
export async function lossesProblems(
  { stream, surface }: Recording,
  house: House,
  client: ChatDialect,
): Promise<string[]> {
  house.replay.cut = 'whole';
  const [field, value] = lostWish(client, surface.dialect);
  const bounds = {
    'openai-chat': { max_tokens: 1_024, stream },
    'openai-responses': { max_output_tokens: 1_024, store: false, stream },
    'anthropic-messages': { max_tokens: 1_024, stream },
    gemini: { generationConfig: { maxOutputTokens: 1_024 } },
  }[client];
  const request: Json = { ...plainRequest(client), ...bounds, [field]: value };
  const wish = { dialect: client, stream };
  const lenient = await askGateway(house, wish, request);
  await lenient.arrayBuffer();
  const told = warningsOf(lenient.headers.get('x-leeward-warnings') ?? '').map((warning) => warning.field);
  const asked = house.replay.asked;
  const strict = await askGateway(house, wish, request, { 'x-leeward-strict': 'true' });
  const refusal = objectOf(parsed(await strict.text()));
  const message = textOf(objectOf(refusal['error'])['message']) ?? '';
  return [
    ...(told.join() === field ? [] : [`warned of ${told.join() || 'nothing'}, not of ${field}`]),
    ...(strict.status === 400 ? [] : [`who is strict gets status ${strict.status}, not 400`]),
    ...(message.includes(field) ? [] : [`the refusal does not name ${field}: ${message}`]),
    ...(house.replay.asked === asked ? [] : ['the provider was asked all the same']),
  ];
}
