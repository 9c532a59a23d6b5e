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

const NONE: readonly string[] = [];

/** The request headers for one attempt: ours, the provider's, the credential's, and the few a client may send on. */
export function upstreamHeaders(call: AdmittedCall, target: PlannedTarget, attempt: number): string[] {
  const { trace, forwarded } = call.facts;
  const own = dialectHeaders(call, target);
  const headers = [
    ...FIXED,
    'accept',
    call.request.stream ? 'text/event-stream' : 'application/json',
    'x-client-request-id',
    `${call.id}-${attempt}`,
    ...(own === NONE ? target.provider.headers : withoutSaid(target.provider.headers, own)),
    ...(target.credential?.headers ?? []),
    ...(target.translatedInto === undefined ? forwarded : NONE),
    ...own,
  ];
  if (trace !== undefined) {
    headers.push('traceparent', `00-${trace.traceId}-${spanId(call.id, attempt)}-${trace.flags}`);
    if (trace.state !== undefined) headers.push('tracestate', trace.state);
  }
  return headers;
}

/** What the client says in headers of its own dialect, for a provider that speaks it. */
function dialectHeaders({ facts, request }: AdmittedCall, { provider }: PlannedTarget): readonly string[] {
  const said = facts.dialectHeaders;
  if (said === undefined || said.dialect !== request.dialect.id || !provider.dialects.has(said.dialect)) return NONE;
  return said.headers;
}

/** The provider's headers but for those that the client has said itself: a version that came twice would be none, betas add up. */
function withoutSaid(headers: readonly string[], said: readonly string[]): string[] {
  const names = new Set(said.filter((name, at) => at % 2 === 0 && !name.endsWith('-beta')));
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2);
    if (!names.has(name)) kept.push(name, value);
  }
  return kept;
}

/** Our own span in the client's trace: 16 hex digits that can be found again from the call's id. */
function spanId(callId: string, attempt: number): string {
  const digits = Buffer.from(callId.slice(-8)).toString('hex').slice(0, 14);
  return `${digits}${attempt.toString(16).padStart(2, '0')}`;
}
