import { openAiProvider } from '../../src/compose/providers.ts';
import { Secret } from '../../src/config/secret.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { RoutableProvider } from '../../src/routing/router.ts';

/** A provider at a loopback address that speaks OpenAI's Responses, with a key and no prices. */
export function responsesProvider(name: string, baseUrl: string): RoutableProvider {
  return openAiProvider(
    {
      name,
      preset: 'openai-compatible',
      origin: 'file',
      baseUrl,
      authHeader: 'bearer',
      dialects: ['openai-responses'],
      defaultHeaders: {},
      vocabulary: {},
      credentials: [{ name: 'main', apiKey: new Secret('sk-canary-upstream-0123456789'), weight: 1 }],
      headers: new Map(),
      http2: false,
      timeouts: {},
      prices: new Map(),
      local: false,
      streamUsageOption: false,
      maxTokensField: 'max_tokens',
      onClientGone: { stream: 'abort', answer: 'abort' },
    },
    systemClock,
    [],
  );
}
