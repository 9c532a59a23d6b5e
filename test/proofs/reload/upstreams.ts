import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../src/kernel/clock.ts';
import { SIM_MODELS } from '../../../src/sim/models.ts';
import { serveSimulator } from '../../../src/sim/server.ts';
import { Simulator } from '../../../src/sim/simulator.ts';

/** Both are open to everybody and count what comes. */
export interface Upstreams extends AsyncDisposable {
  /** A simulated provider, half of whose `sim-large` calls fail. */
  readonly upUrl: string;
  /** Always the same answer, and a count of the connections it was asked over. */
  readonly steadyUrl: string;
  steadyConnections(): number;
  /** Calls of the simulated provider that are under way. */
  active(): number;
}

const ANSWER = Buffer.from(
  '{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}',
);
const STREAM = Buffer.from(
  'data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}\n\ndata: [DONE]\n\n',
);

export async function startUpstreams(): Promise<Upstreams> {
  const [small] = SIM_MODELS;
  if (small === undefined) throw new Error('the catalogue is empty');
  // Long enough that nearly every reload finds some under way.
  const latency = { firstToken: { kind: 'constant', ms: 20 }, perToken: { kind: 'constant', ms: 8 } } as const;
  const models = [...SIM_MODELS.filter(({ id }) => id !== 'sim-medium'), { ...small, id: 'sim-medium', latency }];
  const simulator = new Simulator({ seed: 1, clock: systemClock, models });
  simulator.setFaults([{ match: { model: 'sim-large', probability: 0.5 }, fault: { kind: 'status', code: 500 } }]);
  const up = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  let connections = 0;
  const steady = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      const stream = body.includes('"stream":true');
      response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
      response.end(stream ? STREAM : ANSWER);
    });
  });
  steady.keepAliveTimeout = 60_000;
  steady.on('connection', () => connections++);
  await new Promise<void>((resolve) => steady.listen(0, '127.0.0.1', resolve));
  return {
    upUrl: `http://127.0.0.1:${up.port}/v1`,
    steadyUrl: `http://127.0.0.1:${(steady.address() as AddressInfo).port}/v1`,
    steadyConnections: () => connections,
    active: () => simulator.counts().active,
    async [Symbol.asyncDispose]() {
      await up.close();
      steady.closeAllConnections();
      await new Promise((resolve) => steady.close(resolve));
    },
  };
}
