import type { ChatDialect } from './dialects.ts';
import { isJson, type Json, parsed, textOf } from './json.ts';

/** What a stream carries, in order: each `data` as JSON, comments and pings of transport left out. */
export interface StreamData {
  readonly event: string | undefined;
  readonly data: Json;
}

/**
 * Reads a whole recorded stream, independently of the product: lines end in LF,
 * CR LF or CR, a blank line ends an event, several `data` lines are joined.
 *
 * @throws for `data` that is neither JSON nor `[DONE]`
 */
export function readEvents(bytes: Buffer): readonly StreamData[] {
  const events: StreamData[] = [];
  for (const block of bytes
    .toString('utf8')
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)) {
    let event: string | undefined;
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const [, name, value] = /^(event|data): ?(.*)$/s.exec(line) ?? [];
      if (name === 'event') event = value;
      else if (name === 'data') data.push(value ?? '');
    }
    const text = data.join('\n').trim();
    if (text === '' || text === '[DONE]') continue;
    const value = parsed(text);
    if (!isJson(value)) throw new Error(`an event of the stream is no JSON object: ${text.slice(0, 80)}`);
    events.push({ event, data: value });
  }
  return events;
}

/** The stream that one event per line once was: its frames were lost by who recorded it. */
export function framedAgain(lines: string, dialect: ChatDialect): Buffer {
  const events = lines
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '[DONE]' && line !== 'data: [DONE]')
    .map((line) => line.replace(/^data: ?/, ''));
  if (dialect === 'openai-chat') {
    return Buffer.from([...events, '[DONE]'].map((line) => `data: ${line}\n\n`).join(''));
  }
  if (dialect === 'gemini') return Buffer.from(events.map((line) => `data: ${line}\r\n\r\n`).join(''));
  return Buffer.from(
    events
      .map((line) => {
        const value = parsed(line);
        return `event: ${(isJson(value) && textOf(value['type'])) || 'message'}\ndata: ${line}\n\n`;
      })
      .join(''),
  );
}
