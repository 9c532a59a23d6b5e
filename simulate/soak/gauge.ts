/** What the gateway of a soak says of itself. Memory in bytes. */
export interface Gauge {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  /** Garbage was collected before. */
  readonly collected: boolean;
  /** Exceptions that nobody caught, rejections among them, and warnings of Node's. */
  readonly unhandled: number;
  /** Since the line before. */
  readonly delayP99Ms: number;
}

const PREFIX = 'gauge ';

/** @returns `undefined` for any other line */
export function gaugeOf(line: string): Gauge | undefined {
  if (!line.startsWith(PREFIX)) return undefined;
  const value: unknown = JSON.parse(line.slice(PREFIX.length));
  return value as Gauge;
}
