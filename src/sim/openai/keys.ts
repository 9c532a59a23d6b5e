import type { RequireKey } from '../dialect.ts';
import { OpenAiRefusal } from './errors.ts';

const NO_KEY =
  "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";

/** @throws the 401 of OpenAI where a key is wanted and this is none */
export function refuseWrongKey(authorization: string | undefined, requireKey: RequireKey): void {
  if (requireKey === false) return;
  const key = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (key === undefined) throw new OpenAiRefusal(401, NO_KEY);
  const known = requireKey === true ? key !== 'invalid' : requireKey.includes(key);
  if (known) return;
  const shown = key.length > 8 ? `${key.slice(0, 3)}${'*'.repeat(8)}${key.slice(-4)}` : '*'.repeat(key.length);
  const message = `Incorrect API key provided: ${shown}. You can find your API key at https://platform.openai.com/account/api-keys.`;
  throw new OpenAiRefusal(401, message, { code: 'invalid_api_key' });
}
