import type { PlannedTarget } from '../routing/target.ts';
import type { AdmittedCall } from './call.ts';

const FIXED = [
  'content-type',
  'application/json',
  // Bytes we must be able to read, event by event.
  'accept-encoding',
  'identity',
  'user-agent',
  'leeward',
];

/** The request headers for one attempt: ours, the provider's, the credential's, and the few a client may send on. */
export function upstreamHeaders(call: AdmittedCall, target: PlannedTarget, attempt: number): string[] {
  const { trace, forwarded } = call.facts;
  const headers = [
    ...FIXED,
    'accept',
    call.request.stream ? 'text/event-stream' : 'application/json',
    'x-client-request-id',
    `${call.id}-${attempt}`,
    ...target.provider.headers,
    ...(target.credential?.headers ?? []),
    ...forwarded,
  ];
  if (trace !== undefined) {
    headers.push('traceparent', `00-${trace.traceId}-${spanId(call.id, attempt)}-${trace.flags}`);
    if (trace.state !== undefined) headers.push('tracestate', trace.state);
  }
  return headers;
}

/** Our own span in the client's trace: 16 hex digits that can be found again from the call's id. */
function spanId(callId: string, attempt: number): string {
  const digits = Buffer.from(callId.slice(-8)).toString('hex').slice(0, 14);
  return `${digits}${attempt.toString(16).padStart(2, '0')}`;
}
