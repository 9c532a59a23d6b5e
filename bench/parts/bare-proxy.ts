import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';

/**
 * The floor in Node: reads and parses the body, forwards it, and writes what
 * comes back. No key, no limit, no metering. Arguments: port, upstream origin.
 */
const [port = '0', origin = ''] = process.argv.slice(2);
const pool = new Pool(origin, { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

createServer({ keepAliveTimeout: 300_000, requestTimeout: 0 }, (req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => forward(req, res, Buffer.concat(chunks)));
}).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });

function forward(req: IncomingMessage, res: ServerResponse, body: Buffer): void {
  JSON.parse(body.toString());
  const answer: Buffer[] = [];
  let streamed = false;
  pool.dispatch(
    {
      path: req.url ?? '/',
      method: 'POST',
      headers: ['content-type', 'application/json', 'authorization', 'Bearer sk-upstream'],
      body,
    },
    {
      onRequestStart: () => undefined,
      onResponseStart(_controller, status, { connection: _c, 'transfer-encoding': _t, 'keep-alive': _k, ...headers }) {
        streamed = String(headers['content-type']).startsWith('text/event-stream');
        res.writeHead(status, headers);
      },
      onResponseData(_controller, chunk) {
        if (streamed) res.write(chunk);
        else answer.push(chunk);
      },
      onResponseEnd: () => void res.end(streamed ? undefined : Buffer.concat(answer)),
      onResponseError: (_controller, error) => void res.destroy(error),
    },
  );
}
