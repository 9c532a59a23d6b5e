import { memberOf } from './document-tree.ts';
import { isLoopbackHost } from './loopback.ts';
import { error, type Finding } from './problem.ts';
import { sizeBytes } from './units.ts';

/** What is wrong with how the server's own settings fit together. */
export function serverFindings(document: unknown): Finding[] {
  const server = memberOf(document, 'server');
  const findings: Finding[] = [];
  const host = memberOf(server, 'host');
  if (memberOf(server, 'auth') === 'none' && typeof host === 'string' && !isLoopbackHost(host)) {
    findings.push(error(['server', 'auth'], 'auth: none would answer the whole network: use keys, or host 127.0.0.1'));
  }
  const one = sizeBytes(String(memberOf(server, 'body_bytes_max') ?? ''));
  const all = sizeBytes(String(memberOf(server, 'in_flight_bytes_max') ?? ''));
  if (one !== undefined && all !== undefined && all < one) {
    findings.push(error(['server', 'in_flight_bytes_max'], 'in_flight_bytes_max must not be below body_bytes_max'));
  }
  return findings;
}
