import type { House } from './house.ts';
import { type Json, objectOf, parsed, textOf } from './json.ts';
import { plainRequest } from './plain-request.ts';
import type { Recording } from './recordings.ts';
import { warningsOf } from './warnings.ts';

/** A wish that the other dialect has no word for. */
const LOST: Readonly<Record<string, readonly [string, unknown]>> = {
  'anthropic-messages': ['top_k', 40],
  'openai-chat': ['seed', 7],
};

/** A wish that is lost is told by its name, and by nothing else; who is strict gets a 400 that names it. */
export async function lossesProblems({ surface, stream }: Recording, house: House): Promise<string[]> {
  house.replay.cut = 'whole';
  const client = surface.dialect === 'openai-chat' ? 'anthropic-messages' : 'openai-chat';
  const path = client === 'openai-chat' ? '/v1/chat/completions' : '/v1/messages';
  const [field, value] = LOST[client] ?? ['', undefined];
  const request: Json = { ...plainRequest(client), max_tokens: 1_024, model: house.model, stream, [field]: value };
  const lenient = await house.gateway.post(path, request);
  await lenient.arrayBuffer();
  const told = warningsOf(lenient.headers.get('x-leeward-warnings') ?? '').map((warning) => warning.field);
  const asked = house.replay.asked;
  const strict = await house.gateway.post(path, request, { 'x-leeward-strict': 'true' });
  const refusal = objectOf(parsed(await strict.text()));
  const message = textOf(objectOf(refusal['error'])['message']) ?? '';
  return [
    ...(told.join() === field ? [] : [`warned of ${told.join() || 'nothing'}, not of ${field}`]),
    ...(strict.status === 400 ? [] : [`who is strict gets status ${strict.status}, not 400`]),
    ...(message.includes(field) ? [] : [`the refusal does not name ${field}: ${message}`]),
    ...(house.replay.asked === asked ? [] : ['the provider was asked all the same']),
  ];
}
