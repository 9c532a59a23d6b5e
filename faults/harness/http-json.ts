import { request } from 'node:http';

export interface TextAnswer {
  readonly status: number;
  readonly text: string;
}

const ANSWER_MS = 10_000;

/** One request on a connection of its own, which is closed with it: nothing of the harness stays in the counts. */
export function ask(
  url: string,
  options: {
    readonly method?: string;
    readonly bearer?: string;
    readonly body?: unknown;
    readonly answerMs?: number;
  } = {},
): Promise<TextAnswer> {
  const { answerMs = ANSWER_MS } = options;
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      agent: false,
      timeout: answerMs,
      headers: {
        connection: 'close',
        ...(options.bearer === undefined ? {} : { authorization: `Bearer ${options.bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`${url} did not answer in ${answerMs} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** @throws when the status is another than 2xx */
export async function askJson(url: string, options: Parameters<typeof ask>[1] = {}): Promise<Record<string, unknown>> {
  const { status, text } = await ask(url, options);
  if (status < 200 || status > 299) throw new Error(`${url} answered ${status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as Record<string, unknown>;
}
