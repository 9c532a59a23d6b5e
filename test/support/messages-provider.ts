import { openAiProvider } from '../../src/compose/providers.ts';
import { MESSAGES_HEADERS } from '../../src/config/presets.ts';
import { Secret } from '../../src/config/secret.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { RoutableProvider } from '../../src/routing/router.ts';

/** A provider at a loopback address that speaks Anthropic's Messages, with a key and prices of its own. */
export function messagesProvider(name: string, baseUrl: string): RoutableProvider {
  return openAiProvider(
    {
      name,
      preset: 'openai-compatible',
      origin: 'file',
      baseUrl,
      authHeader: 'x-api-key',
      dialects: ['anthropic-messages'],
      defaultHeaders: MESSAGES_HEADERS,
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
