import type { PresetName } from '../presets.ts';
import { addressOf, azureAddress, pathWithout } from './address.ts';
import type { Importer } from './importer.ts';
import type { SourcePart } from './source-part.ts';

/** Addresses that a preset has anyway: writing them down would only make them stale. */
const USUAL = /^https:\/\/api\.openai\.com(?:\/v1)?\/?$/;

/** Whether the preset's own address is written out. */
export function isUsualAddress(part: SourcePart, preset: PresetName): boolean {
  return preset === 'openai' && part.text !== undefined && USUAL.test(part.text);
}

/**
 * The base URL for a source's address, as the file writes it. One that cannot
 * be written is left, with its reason.
 *
 * @param appended put behind an address without a path; Azure and local servers have their own
 * @returns `undefined` where the preset's own address is meant, or where there is none
 */
export function baseUrlOf(
  part: SourcePart,
  preset: PresetName,
  importer: Importer,
  appended = pathWithout(preset),
): string | undefined {
  if (part.text === undefined) return undefined;
  const variable = importer.variableIn(part);
  if (variable !== undefined) {
    const suffix = preset === 'azure' ? '' : appended;
    const holds = suffix === '' ? 'an address' : 'an address, without a path and without a slash at its end';
    const reference = importer.variables.as(variable, 'address', holds);
    if (reference === undefined)
      importer.ledger.left(part, 'its variable holds no address elsewhere', 'write base_url by hand');
    return reference === undefined ? undefined : reference + suffix;
  }
  if (isUsualAddress(part, preset)) return undefined;
  const address = preset === 'azure' ? azureAddress(part.text) : addressOf(part.text, appended);
  if ('url' in address) return address.url;
  importer.ledger.left(part, `this address cannot be written: ${address.trouble}`, 'write base_url by hand');
  return undefined;
}
