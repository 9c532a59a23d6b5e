import type { PresetName } from '../presets.ts';

export type Address =
  | { readonly url: string }
  /** Why the address cannot be written into the file. */
  | { readonly trouble: string };

/**
 * A base URL as Leeward wants it: without user, query or fragment, and with the
 * path below which the vendor's OpenAI-compatible operations lie.
 *
 * @param appended what to put behind an address that has no path of its own
 */
export function addressOf(text: string, appended: string): Address {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || text.includes('${')) {
    return { trouble: 'it is no http(s) address' };
  }
  if (url.username !== '' || url.password !== '') return { trouble: 'it holds a user or a password' };
  if (url.search !== '' || url.hash !== '') return { trouble: 'it holds a query or a fragment' };
  const path = url.pathname.replace(/\/+$/, '');
  return { url: `${url.origin}${path === '' ? appended : path}` };
}

/** An Azure resource's address; what stands behind its host depends on the surface, and is put there by the preset. */
export function azureAddress(text: string): Address {
  const address = addressOf(text, '');
  return 'url' in address ? { url: new URL(address.url).origin } : address;
}

/** Local servers, and Anthropic, are named without a path by those who put `/v1` there themselves. */
export function pathWithout(preset: PresetName): string {
  return preset === 'anthropic' || preset === 'ollama' || preset === 'lmstudio' || preset === 'llamacpp' ? '/v1' : '';
}

/** What a provider at an address is called: by its host, where that is a name. */
export function hostName(url: string): string {
  const host = URL.parse(url)?.hostname ?? '';
  const label = host.split('.')[0] ?? '';
  return /^[A-Za-z][A-Za-z0-9-]*$/.test(label) && label !== 'localhost' && label !== 'api' ? label : 'local';
}
