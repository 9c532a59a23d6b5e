/**
 * An instant as exports write it, in milliseconds since the epoch: ISO 8601 (a
 * date alone is its first moment, a time without a zone is UTC's), or seconds
 * or milliseconds since the epoch in digits. `undefined` for anything else.
 */
export function instantOfText(text: string): number | undefined {
  if (/^\d{9,10}(?:\.\d+)?$/.test(text)) return Math.floor(Number(text)) * 1_000;
  if (/^\d{12,13}$/.test(text)) return Number(text);
  const [, date, time, zone = ''] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s*(Z|[+-]\d\d:?\d\d|UTC)?)?$/i.exec(text) ?? [];
  if (date === undefined) return undefined;
  const offset = zone === '' || /^(?:z|utc)$/i.test(zone) ? 'Z' : zone.replace(/^(...):?(..)$/, '$1:$2');
  // Further digits of a second are not ours to keep; the standard's parser takes three.
  const whole = time?.replace(/(\.\d{3})\d+$/, '$1');
  const at = Date.parse(whole === undefined ? date : `${date}T${whole}${offset}`);
  return Number.isNaN(at) ? undefined : at;
}
