import { RecentCalls } from '../../observability/recent-calls.ts';
import type { AttemptEnd, AttemptStart } from '../../protocol/attempt-record.ts';
import type { AttemptView, CallView } from '../../protocol/call-view.ts';
import type { PageData, ProviderState } from './page-data.ts';

/** Data of a page over real recent calls, for tests: `providers` and `store` may be changed at will. */
export interface TestPage extends PageData {
  readonly recent: RecentCalls;
  providerStates: ProviderState[];
  storeText: string;
}

export const STARTED_AT = Date.UTC(2026, 10, 21, 12, 0, 0);

export function testPage(): TestPage {
  const recent = new RecentCalls();
  const page: TestPage = {
    recent,
    calls: recent,
    providerStates: [{ name: 'openai', preset: 'openai', source: 'OPENAI_API_KEY', state: 'ok', models: 84 }],
    storeText: 'embedded, ok',
    providers: () => page.providerStates,
    server: {
      version: '0.1.0',
      startedAt: STARTED_AT,
      mode: 'dev',
      store: () => page.storeText,
      configVersion: () => 'c-1',
      baseUrl: 'http://127.0.0.1:5339',
    },
    exampleCurl: `curl http://127.0.0.1:5339/v1/chat/completions -d '{"model":"demo"}'`,
  };
  return page;
}

export function startRecord(callId: string, more: Partial<AttemptStart> = {}): AttemptStart {
  return {
    kind: 'start',
    callId,
    attempt: 1,
    callStartedAt: STARTED_AT,
    startedAt: STARTED_AT,
    organisation: 'org',
    project: 'proj',
    keyId: 'key_1',
    operation: 'chat',
    dialect: 'openai-chat',
    stream: true,
    modelAsked: 'demo',
    route: 'demo',
    routeReason: 'first of route demo',
    provider: 'sim',
    model: 'sim-small',
    configVersion: 'c-1',
    priceVersion: 'p-1',
    ...more,
  };
}

export function endRecord(callId: string, more: Partial<AttemptEnd> = {}): AttemptEnd {
  return {
    kind: 'end',
    callId,
    attempt: 1,
    callStartedAt: STARTED_AT,
    endedAt: STARTED_AT + 6,
    outcome: 'ok',
    last: true,
    status: 200,
    clientStatus: 200,
    usage: { inputTokens: 17, outputTokens: 48 },
    usageSource: 'provider',
    costNanoUsd: '31200',
    firstTokenMs: 2,
    totalMs: 6,
    ...more,
  };
}

export function endedCall(more: Partial<CallView> = {}, attempts: readonly Partial<AttemptView>[] = [{}]): CallView {
  return {
    id: 'call_1',
    startedAt: STARTED_AT,
    organisation: 'org',
    project: 'proj',
    keyId: 'key_1',
    operation: 'chat',
    dialect: 'openai-chat',
    stream: false,
    modelAsked: 'demo',
    route: 'demo',
    clientStatus: 200,
    totalMs: 6,
    configVersion: 'c-1',
    attempts: attempts.map((attempt, index) => ({
      attempt: index + 1,
      provider: 'sim',
      model: 'sim-small',
      routeReason: 'first of route demo',
      startedAt: STARTED_AT,
      outcome: 'ok',
      status: 200,
      totalMs: 6,
      ...attempt,
    })),
    ...more,
  };
}
