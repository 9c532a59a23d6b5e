import { GatewayError } from '../kernel/errors.ts';
import type { SimRequest } from './dialect.ts';
import type { Simulator } from './simulator.ts';

/** An answer of the simulator about itself. */
export interface ControlAnswer {
  readonly status: number;
  /** A text is sent as it is, one JSON object a line. */
  readonly body: unknown;
}

const CALLS_PER_PAGE_MAX = 10_000;
const CALLS_PER_PAGE = 1_000;

/**
 * `GET /healthz`, `GET /sim/counts`, `GET /sim/calls?since=&limit=`,
 * `GET /sim/bill?since=&limit=` as JSON lines, `GET` and `POST /sim/billing`,
 * `GET` and `POST /sim/faults`, `POST /sim/reset`. None of them is counted.
 *
 * @returns undefined when the path is none of these
 */
export function controlAnswer(simulator: Simulator, request: SimRequest): ControlAnswer | undefined {
  const url = new URL(request.path, 'http://sim');
  switch (url.pathname) {
    case '/healthz':
      return only('GET', request, () => ({ status: 'ok' }));
    case '/sim/counts':
      return only('GET', request, () => simulator.counts());
    case '/sim/calls':
      return only('GET', request, () => {
        const calls = simulator.calls(...page(url));
        return { calls, dropped: simulator.counts().dropped };
      });
    case '/sim/bill':
      return only('GET', request, () => jsonLines(simulator.bill(...page(url))));
    case '/sim/billing':
      if (request.method === 'GET') return { status: 200, body: simulator.billing() };
      return only('POST', request, () => {
        simulator.setBilling(jsonIn(request.body, 'billing settings'));
        return simulator.billing();
      });
    case '/sim/reset':
      return only('POST', request, () => {
        simulator.reset();
        return simulator.counts();
      });
    case '/sim/faults':
      if (request.method === 'GET') return { status: 200, body: { rules: simulator.faults() } };
      return only('POST', request, () => {
        simulator.setFaults(rulesIn(request.body));
        return { rules: simulator.faults() };
      });
    default:
      return undefined;
  }
}

function only(method: string, request: SimRequest, answer: () => unknown): ControlAnswer {
  if (request.method !== method) {
    return { status: 405, body: refusal(`Use ${method} on ${request.path}.`) };
  }
  try {
    return { status: 200, body: answer() };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { status: error.status, body: refusal(error.message) };
  }
}

function refusal(message: string): unknown {
  return { error: { message, type: 'invalid_request_error', param: null, code: null } };
}

/** The rules as a bare list or as `{"rules": […]}`. */
function rulesIn(body: Uint8Array): unknown {
  const json = jsonIn(body, 'a list of fault rules');
  return typeof json === 'object' && json !== null && 'rules' in json ? json.rules : json;
}

function jsonIn(body: Uint8Array, wanted: string): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch (cause) {
    throw new GatewayError('invalid_request', { message: `The body is not JSON; send ${wanted}.`, cause });
  }
}

function jsonLines(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function page(url: URL): [since: number, limit: number] {
  return [count(url, 'since', 0), Math.min(count(url, 'limit', CALLS_PER_PAGE), CALLS_PER_PAGE_MAX)];
}

function count(url: URL, name: string, otherwise: number): number {
  const text = url.searchParams.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new GatewayError('invalid_request', {
    message: `${name} must be a whole number, not ${JSON.stringify(text)}.`,
  });
}
