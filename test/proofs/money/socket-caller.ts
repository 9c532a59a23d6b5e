import { WebSocket } from 'ws';
import type { Told, Wish } from './caller.ts';

const CALL_MS_MAX = 30_000;
const ENDS: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed', 'error']);

interface Event {
  readonly type?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One call as a message of a WebSocket, told as one over HTTP is. Never rejects. */
export function callOverSocket(url: string, { key, path, body }: Wish): Promise<Told> {
  return new Promise((resolve) => {
    const ws = new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, { headers: { authorization: `Bearer ${key}` } });
    let headers: Event['headers'] = {};
    const end = (status: number, text: string, broke?: string) => {
      clearTimeout(timer);
      ws.close();
      const callId = headers?.['x-leeward-request-id'] ?? '';
      const attempts = Number(headers?.['x-leeward-attempts'] ?? 0);
      resolve({ status, callId, attempts, headers: { ...headers }, text, left: false, broke });
    };
    const timer = setTimeout(() => end(0, '', 'no answer in time'), CALL_MS_MAX);
    ws.on('open', () => ws.send(JSON.stringify({ type: 'response.create', ...body })));
    ws.on('error', (error) => end(0, '', String(error)));
    ws.on('close', () => end(0, '', 'closed'));
    ws.on('message', (data) => {
      const text = String(data);
      const event = JSON.parse(text) as Event;
      headers = event.headers ?? headers;
      if (ENDS.has(event.type)) end(event.type === 'error' ? (event.status ?? 500) : 200, text);
    });
  });
}
