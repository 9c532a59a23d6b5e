import { askJson } from '../../../faults/harness/http-json.ts';
import { comesTrue } from '../../../faults/harness/waiting.ts';
import type { Ground, Meaning } from './files.ts';
import type { House } from './house.ts';
import type { Answered } from './load.ts';

/** Looked at one by one over HTTP: as many as a few seconds allow, spread over the whole run. */
const CALLS_MAX = 1_500;
const ENDED_MS = 5_000;

interface CallJson {
  readonly state: string;
  readonly config_version: string;
  readonly attempts: readonly { readonly provider: string; readonly model: string }[];
}

/** Whether each call's attempts went where the version that its record names leads, and nowhere else. */
export async function checkRecords(
  house: House,
  { key }: Ground,
  answered: readonly Answered[],
  meanings: ReadonlyMap<string, Meaning>,
): Promise<string[]> {
  const problems: string[] = [];
  const every = Math.max(1, Math.ceil(answered.length / CALLS_MAX));
  for (const { id, model } of answered.filter((_, index) => index % every === 0)) {
    const call = await recordOf(house, key, id);
    const meaning = meanings.get(call.config_version);
    if (meaning === undefined) {
      problems.push(`${id} names the version ${call.config_version}, which never was in force`);
      continue;
    }
    const allowed = model === 'live' ? [meaning.live] : meaning.pair;
    const went = call.attempts.map(({ provider, model: asked }) => `${provider}/${asked}`);
    const expected = allowed.slice(0, went.length);
    if (went.join() !== expected.join()) {
      problems.push(`${id} went to ${went.join()} under ${call.config_version}, which leads to ${allowed.join()}`);
    }
  }
  return problems;
}

async function recordOf(house: House, bearer: string, id: string): Promise<CallJson> {
  let call = (await askJson(`${house.url}/v1/calls/${id}`, { bearer })) as unknown as CallJson;
  await comesTrue(async () => {
    if (call.state === 'ended') return true;
    call = (await askJson(`${house.url}/v1/calls/${id}`, { bearer })) as unknown as CallJson;
    return false;
  }, ENDED_MS);
  return call;
}
