import { openAiProvider } from '../../src/compose/providers.ts';
import { Secret } from '../../src/config/secret.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Dialect } from '../../src/protocol/operation.ts';
import type { RoutableProvider } from '../../src/routing/router.ts';

/** A provider at a loopback address that speaks Gemini, or what else is said, with a key of its own. */
export function geminiProvider(
  name: string,
  baseUrl: string,
  dialects: readonly Dialect[] = ['gemini', 'gemini-embeddings'],
): RoutableProvider {
  return openAiProvider(
    {
      name,
      preset: 'openai-compatible',
      origin: 'file',
      baseUrl,
      authHeader: 'x-goog-api-key',
      dialects,
      defaultHeaders: {},
      vocabulary: {},
      credentials: [{ name: 'main', apiKey: new Secret('sk-canary-upstream-0123456789'), weight: 1 }],
      headers: new Map(),
      http2: false,
      timeouts: {},
      prices: new Map(),
      local: false,
      streamUsageOption: dialects.includes('openai-chat'),
      maxTokensField: 'max_tokens',
      onClientGone: { stream: 'abort', answer: 'abort' },
    },
    systemClock,
    [],
  );
}
