import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';

/**
 * The floor in Node, written to be as fast as a plain proxy gets: it reads and
 * parses the body, dispatches on a kept-alive pool, and writes what comes back.
 * No key, no limit, no metering, no record, no care for clients that leave.
 * Arguments: pairs of port and upstream origin.
 */
const NOT_PASSED_ON = new Set(['connection', 'transfer-encoding', 'keep-alive']);

for (let at = 2; at + 1 < process.argv.length; at += 2) {
  const pool = new Pool(process.argv[at + 1] ?? '', {
    connections: null,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  createServer({ keepAliveTimeout: 300_000, requestTimeout: 0, headersTimeout: 0 }, (req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => forward(pool, req, res, joined(chunks)));
  }).listen({ port: Number(process.argv[at]), host: '127.0.0.1', backlog: 4_096 });
}

function forward(pool: Pool, req: IncomingMessage, res: ServerResponse, body: Buffer): void {
  JSON.parse(body.toString());
  const answer: Buffer[] = [];
  let head: string[] = [];
  let status = 0;
  let streamed = false;
  pool.dispatch(
    {
      path: req.url ?? '/',
      method: 'POST',
      headers: ['content-type', 'application/json', 'authorization', 'Bearer sk-upstream-0123456789'],
      body,
    },
    {
      onRequestStart: () => undefined,
      onResponseStart(_controller, statusCode, headers) {
        status = statusCode;
        head = [];
        for (const name in headers) if (!NOT_PASSED_ON.has(name)) head.push(name, String(headers[name]));
        streamed = String(headers['content-type']).startsWith('text/event-stream');
        if (streamed) res.writeHead(status, head);
      },
      onResponseData(_controller, chunk) {
        if (streamed) res.write(chunk);
        else answer.push(chunk);
      },
      onResponseEnd() {
        if (streamed) {
          res.end();
          return;
        }
        res.writeHead(status, head);
        res.end(joined(answer));
      },
      onResponseError: (_controller, error) => void res.destroy(error),
    },
  );
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
