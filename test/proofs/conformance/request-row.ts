import type { Ask } from './asks/ask.ts';
import { comparableRequest } from './defaults.ts';
import type { House } from './house.ts';
import { differences, isJson, parsed } from './json.ts';
import type { Recording } from './recordings.ts';
import { warningProblems } from './warnings.ts';

/**
 * What goes upstream for the recorded intent, said in the other dialect, is the
 * recorded request but for defaults; and the client is warned of what the table
 * names, and of nothing else.
 */
export async function requestProblems(recording: Recording, house: House, ask: Ask): Promise<string[]> {
  house.replay.cut = 'whole';
  const asked = house.replay.asked;
  const toChat = recording.surface.dialect === 'openai-chat';
  const path = toChat ? '/v1/messages' : '/v1/chat/completions';
  const response = await house.gateway.post(path, { ...ask.request, model: house.model });
  await response.arrayBuffer();
  if (house.replay.asked === asked) return [`nothing went upstream: status ${response.status}`];
  const sent = parsed(house.replay.lastAsked?.body ?? '');
  if (!isJson(sent)) return ['what went upstream is no JSON object'];
  const problems = warningProblems(recording, ask.request, response.headers.get('x-leeward-warnings'));
  if (recording.request === undefined) return problems;
  const found = differences(comparableRequest(recording.request, ask.unsaid), comparableRequest(sent, ask.unsaid));
  return [...problems, ...found.map((difference) => `recorded / sent upstream: ${difference}`)];
}
