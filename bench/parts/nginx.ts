import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listening, type Processes } from './processes.ts';

type Role = { readonly kind: 'answer' } | { readonly kind: 'proxy'; readonly to: number };

/** A typical short answer of a model. */
const ANSWER =
  '{"id":"chatcmpl-abc123456789","object":"chat.completion","created":1760000000,"model":"gpt-4o-mini","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! This is a mock completion that stands for a typical short answer of a model. It has a couple of sentences so that the body is about the size of a real one."},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":36,"total_tokens":55}}';

/** One nginx with one worker: as the upstream that answers at once, or as the proxy that is the floor. */
export async function startNginx(
  processes: Processes,
  folder: string,
  port: number,
  role: Role,
): Promise<ChildProcess> {
  mkdirSync(folder, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const location =
    role.kind === 'answer'
      ? `default_type application/json; return 200 '${ANSWER}';`
      : 'proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Authorization "Bearer sk-upstream"; proxy_buffering off; client_body_buffer_size 128k; proxy_read_timeout 300s;';
  const upstream =
    role.kind === 'proxy'
      ? `upstream up { server 127.0.0.1:${role.to}; keepalive 512; keepalive_requests 100000000; }`
      : '';
  const path = join(folder, 'nginx.conf');
  writeFileSync(
    path,
    `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log warn; worker_rlimit_nofile 20000;
events { worker_connections 16384; }
http { access_log off; keepalive_requests 100000000; keepalive_timeout 300s; ${temporary.join(' ')} ${upstream}
 server { listen 127.0.0.1:${port} backlog=4096; tcp_nodelay on; location / { ${location} } } }`,
  );
  const child = processes.start('/usr/sbin/nginx', ['-p', folder, '-c', path, '-e', join(folder, 'error.log')]);
  await listening(port);
  return child;
}
