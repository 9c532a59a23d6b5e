import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Processes, type Started } from '../harness/processes.ts';
import { GEMINI_ANSWER } from '../load/gemini-wire.ts';
import { MESSAGES_ANSWER } from '../load/messages-wire.ts';
import { RESPONSES_ANSWER } from '../load/responses-wire.ts';
import { ANSWER, CHAT_PATH, GEMINI_PATH, MESSAGES_PATH, RESPONSES_PATH } from '../load/wire.ts';
import type { MockDialect } from '../upstreams/stream-mock.ts';
import { nothingLeftBehind, type Subject } from './subject.ts';

export const NGINX = '/usr/sbin/nginx';

/** The mock of short answers. */
export interface AnswerMock {
  readonly pid: number;
  readonly port: number;
  /** Requests so far, without those of this question. */
  served(): Promise<number>;
}

/** `location` is nginx's own word for which paths it answers. */
const ANSWERS: Readonly<Record<MockDialect, { readonly location: string; readonly answer: string }>> = {
  chat: { location: `= ${CHAT_PATH}`, answer: ANSWER },
  messages: { location: `= ${MESSAGES_PATH}`, answer: MESSAGES_ANSWER },
  responses: { location: `= ${RESPONSES_PATH}`, answer: RESPONSES_ANSWER },
  gemini: { location: GEMINI_PATH, answer: GEMINI_ANSWER },
};

/** One nginx with one worker that answers every call of its dialect at once. */
export async function startAnswerMock(
  processes: Processes,
  folder: string,
  dialect: MockDialect = 'chat',
): Promise<AnswerMock> {
  const port = await freePort();
  const { location, answer } = ANSWERS[dialect];
  const server = `server { listen 127.0.0.1:${port} backlog=4096; tcp_nodelay on;
  location ${location} { default_type application/json; return 200 '${answer}'; }
  location = /served { stub_status; }
  location / { default_type application/json; return 404 '{}'; } }`;
  const started = await startNginx(processes, { folder, name: `answer-mock-${dialect}`, ports: [port], server });
  let asked = 0;
  return {
    pid: started.pid,
    port,
    async served() {
      const text = await (await fetch(`http://127.0.0.1:${port}/served`)).text();
      asked++;
      const [, requests] = /^ \d+ \d+ (\d+)/m.exec(text) ?? [];
      if (requests === undefined) throw new Error(`nginx does not tell how many requests it served: ${text}`);
      return Number(requests) - asked;
    },
  };
}

/** The floor without any gateway: one nginx with one worker that passes on what comes, unbuffered. */
export async function startNginxProxy(
  processes: Processes,
  folder: string,
  upstreams: { readonly calls: number; readonly streams: number },
): Promise<Subject> {
  const [calls, streams] = [await freePort(), await freePort()];
  const proxy = (port: number, name: string, to: number) =>
    `upstream ${name} { server 127.0.0.1:${to}; keepalive 512; keepalive_requests 100000000; }
 server { listen 127.0.0.1:${port} backlog=4096; tcp_nodelay on;
  location / { proxy_pass http://${name}; proxy_http_version 1.1; proxy_set_header Connection "";
   proxy_set_header Authorization "Bearer sk-upstream-0123456789"; proxy_buffering off; proxy_read_timeout 300s;
   client_body_buffer_size 1m; client_max_body_size 20m; } }`;
  const server = `${proxy(calls, 'answers', upstreams.calls)}\n ${proxy(streams, 'streams', upstreams.streams)}`;
  const started = await startNginx(processes, { folder, name: 'nginx', ports: [calls, streams], server });
  const address = (port: number) => ({ port, model: 'gpt-4o-mini', headers: { authorization: 'Bearer sk-client' } });
  return {
    ...nothingLeftBehind,
    name: 'nginx',
    pid: started.pid,
    calls: address(calls),
    streams: address(streams),
    about: {
      version: 'one worker',
      command: 'access_log off; keepalive 512; proxy_buffering off',
      features: 'replaces one header; no key, no body read, no record',
    },
  };
}

async function startNginx(
  processes: Processes,
  options: {
    readonly folder: string;
    readonly name: string;
    readonly ports: readonly number[];
    readonly server: string;
  },
): Promise<Started> {
  const home = join(options.folder, options.name);
  mkdirSync(home, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${home}/${kind};`,
  );
  const path = join(home, 'nginx.conf');
  writeFileSync(
    path,
    `worker_processes 1; daemon off; pid ${home}/nginx.pid; error_log ${home}/error.log warn; worker_rlimit_nofile 20000;
events { worker_connections 16384; }
http { access_log off; keepalive_requests 100000000; keepalive_timeout 300s; ${temporary.join(' ')}
 ${options.server} }`,
  );
  const started = processes.start(options.name, [NGINX, '-p', home, '-c', path, '-e', join(home, 'error.log')]);
  for (const port of options.ports) await processes.listening(started, port);
  return started;
}
