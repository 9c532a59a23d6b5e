import type { ReadRequest, RequireKey } from '../dialect.ts';
import { GeminiRefusal } from './errors.ts';

/** The key of a request: in its own header, in the query, or as a bearer's. */
function keyOf({ headers, path, pathname }: ReadRequest): string | undefined {
  const inQuery = new URLSearchParams(path.slice(pathname.length)).get('key') ?? undefined;
  return headers['x-goog-api-key'] ?? inQuery ?? /^bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
}

/** @throws the refusal of a request without a key, or with one that is not known */
export function refuseWrongKey(request: ReadRequest, requireKey: RequireKey): void {
  if (requireKey === false) return;
  const key = keyOf(request);
  if (key === undefined) {
    throw new GeminiRefusal(
      403,
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    );
  }
  const known = requireKey === true ? key !== 'invalid' : requireKey.includes(key);
  if (known) return;
  throw new GeminiRefusal(400, 'API key not valid. Please pass a valid API key.', [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
  ]);
}
