import type { Ask } from './asks/ask.ts';
import { comparableRequest } from './defaults.ts';
import { askGateway, type ChatDialect } from './dialects.ts';
import type { House } from './house.ts';
import { differences, isJson, parsed } from './json.ts';
import type { Recording } from './recordings.ts';
import { intentDifferences } from './same-intent.ts';
import { warningProblems } from './warnings.ts';

/**
 * What goes upstream for the recorded intent, said in another dialect, is the
 * recorded request but for defaults; and the client is warned of what the table
 * names, and of nothing else.
 */
export async function requestProblems(
  recording: Recording,
  house: House,
  client: ChatDialect,
  ask: Ask,
): Promise<string[]> {
  house.replay.cut = 'whole';
  const { stream, surface } = recording;
  const asked = house.replay.asked;
  const response = await askGateway(house, { dialect: client, stream }, ask.request);
  const said = await response.text();
  if (house.replay.asked === asked) return [`nothing went upstream: status ${response.status} ${said.slice(0, 300)}`];
  const sent = parsed(house.replay.lastAsked?.body ?? '');
  if (!isJson(sent)) return ['what went upstream is no JSON object'];
  const table = { client, provider: surface.dialect };
  const problems = warningProblems(table, ask.request, response.headers.get('x-leeward-warnings'));
  if (recording.request === undefined) return problems;
  const compared =
    byItems(surface.dialect) || byItems(client)
      ? intentDifferences(surface.dialect, recording.request, sent, ask.unsaid)
      : differences(comparableRequest(recording.request, ask.unsaid), comparableRequest(sent, ask.unsaid));
  return [...problems, ...compared.map((difference) => `recorded / sent upstream: ${difference}`)];
}

/** Dialects in which turns, and the texts within one, have other bounds than in the two older ones; their clients have no markers. */
function byItems(dialect: ChatDialect): boolean {
  return dialect === 'openai-responses' || dialect === 'gemini';
}
