import type { CatalogModel, CatalogSource } from './model.ts';
import { modelJson, parseModel } from './model-json.ts';
import { damaged, isObject } from './shape.ts';

/*
 * How a catalogue is kept as text: JSON, one line for its header and then one
 * line a vendor, so that a vendor's models are found and read without reading
 * the rest.
 *
 *     {"format":2,"version":"…","sources":[…],"vendors":{
 *     "openai":[{…},{…}],
 *     "x-ai":[{…}]
 *     }}
 *
 * How a price is written stands in price-json.ts.
 */

export const CATALOG_FORMAT = 2;

/** Earlier ones that say less, and nothing that would be misread. */
const FORMATS_READ: readonly unknown[] = [1, CATALOG_FORMAT];

/** A catalogue's text is never larger; neither is one that somebody refreshes from. */
export const CATALOG_BYTES_MAX = 32 * 1024 * 1024;

export interface CatalogHeader {
  /** Names the data, as records of calls carry it. */
  readonly version: string;
  /** When its data was made or fetched, ISO 8601. */
  readonly madeAt: string;
  readonly sources: readonly CatalogSource[];
}

export interface CatalogText {
  readonly header: CatalogHeader;
  readonly vendors: readonly string[];
  /** The models of one vendor; none for a vendor that is not there. @throws `internal` when its line is damaged */
  read(vendor: string): CatalogModel[];
}

/** @throws `internal` when the text is no catalogue, or of a format that this version does not know */
export function parseCatalogText(text: string): CatalogText {
  const end = text.indexOf('\n');
  const header = parseHeader(end < 0 ? '' : text.slice(0, end));
  const lines = vendorLines(text, end + 1);
  return {
    header,
    vendors: [...lines.keys()],
    read(vendor) {
      const span = lines.get(vendor);
      return span === undefined ? [] : parseModels(vendor, text.slice(span.start, span.end));
    },
  };
}

export function writeCatalogText(header: CatalogHeader, models: readonly CatalogModel[]): string {
  const head = JSON.stringify({ format: CATALOG_FORMAT, ...header }).slice(0, -1);
  const vendors = Map.groupBy(models, ({ vendor }) => vendor);
  const lines = [...vendors]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([vendor, own]) => `${JSON.stringify(vendor)}:${JSON.stringify(own.map(modelJson))}`);
  return `${head},"vendors":{\n${lines.join(',\n')}\n}}\n`;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where each vendor's list stands. Only names are read: a list is looked at when somebody wants it. */
function vendorLines(text: string, from: number): Map<string, Span> {
  const spans = new Map<string, Span>();
  for (let start = from; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const vendor = /^"([\w.-]{1,64})":\[/.exec(text.slice(start, Math.min(end, start + 80)));
    if (vendor?.[1] !== undefined) {
      const closing = text.charCodeAt(end - 1) === 0x2c ? end - 1 : end;
      spans.set(vendor[1], { start: start + vendor[0].length - 1, end: closing });
    }
    start = end + 1;
  }
  return spans;
}

function parseHeader(line: string): CatalogHeader {
  const suffix = ',"vendors":{';
  const value = line.endsWith(suffix) ? jsonOf(`${line.slice(0, -suffix.length)}}`) : undefined;
  if (!isObject(value) || !FORMATS_READ.includes(value['format']))
    throw damaged('its first line is not that of a catalogue');
  const { version, madeAt, sources } = value;
  if (typeof version !== 'string' || typeof madeAt !== 'string' || !Array.isArray(sources)) {
    throw damaged('its header lacks its version, its date or its sources');
  }
  return { version, madeAt, sources: sources as CatalogSource[] };
}

function parseModels(vendor: string, json: string): CatalogModel[] {
  const value = jsonOf(json);
  if (!Array.isArray(value)) throw damaged(`the models of ${vendor} are no list`);
  return value.map((one: unknown) => parseModel(vendor, one));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged('a line of it is not JSON', cause);
  }
}
