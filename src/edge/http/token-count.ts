import type { AdmittedCall } from '../../exchange/call.ts';
import type { WireDialect } from '../../exchange/dialect.ts';
import { lossWarnings } from '../../exchange/losses.ts';
import type { TokenCount } from '../../exchange/token-count.ts';
import { type CallReadingParts, readCall } from './model-call.ts';
import { jsonHeaders } from './reads.ts';
import type { Route, RouteContext } from './routes.ts';

export interface TokenCountParts extends CallReadingParts {
  readonly path: string;
  readonly dialect: WireDialect;
  /** A count of ours, as the dialect has it. */
  bodyOf(tokens: number): Buffer;
  countTokens(call: AdmittedCall): Promise<TokenCount>;
}

/** Asks how many tokens a request has: costs nothing, and is counted by the gateway where no provider does. */
export function tokenCountRoute(parts: TokenCountParts): Route {
  return {
    method: 'POST',
    path: parts.path,
    guard: 'key',
    metering: 'free',
    handle: (context) =>
      readCall(context, parts.dialect, parts, (call, release) => {
        parts
          .countTokens(call)
          .then((count) => answer(context, count, { ...parts, warnings: call.facts.warnings ?? [] }))
          .catch(context.fail)
          .finally(release);
      }),
  };
}

interface AnswerParts extends Pick<TokenCountParts, 'dialect' | 'bodyOf'> {
  readonly warnings: readonly string[];
}

function answer({ res, requestId }: RouteContext, count: TokenCount, { dialect, bodyOf, warnings }: AnswerParts): void {
  const body = count.kind === 'estimated' ? bodyOf(count.tokens) : count.body;
  const status = count.kind === 'refused' ? count.status : 200;
  res.writeHead(status, [
    ...jsonHeaders(requestId, body.length),
    dialect.requestIdHeader,
    requestId,
    'x-leeward-warnings',
    warningsOf(count, warnings),
    ...(count.kind === 'estimated' ? [] : ['x-leeward-provider', count.target.provider.name]),
  ]);
  res.end(body);
}

function warningsOf(count: TokenCount, said: readonly string[]): string {
  const own = count.kind === 'estimated' ? ['count: estimated'] : [];
  const losses = count.kind === 'asked' ? lossWarnings({ fields: count.losses, more: 0 }) : [];
  const all = [...said, ...own, ...losses];
  return all.length === 0 ? 'none' : all.join('; ');
}
