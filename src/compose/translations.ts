import type { FieldLosses, Translations, Translator } from '../exchange/lane.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { Dialect } from '../protocol/operation.ts';

/** The dialects of chat that can be said in one another. Nothing else is translated. */
const TRANSLATED: ReadonlySet<Dialect> = new Set<Dialect>([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
]);

/** Into which of the dialects that a provider speaks a call is translated: the first that can say it; `undefined`: into none. */
export function translatedInto(client: Dialect, spoken: ReadonlySet<Dialect>): Dialect | undefined {
  if (!TRANSLATED.has(client)) return undefined;
  for (const dialect of spoken) if (TRANSLATED.has(dialect)) return dialect;
  return undefined;
}

/**
 * Both sides of every dialect that can be translated, read from disk when the
 * first call needs them: most gateways start without any such call, and a start
 * has little time.
 */
export class LazyTranslations implements Translations {
  #loaded: readonly Translator[] | undefined;
  #loading: Promise<void> | undefined;

  prepare(): Promise<void> | undefined {
    if (this.#loaded !== undefined) return undefined;
    this.#loading ??= this.#load();
    return this.#loading;
  }

  between(client: Dialect, provider: Dialect): Translator {
    const found = this.#loaded?.find((each) => each.client.dialect === client && each.provider.dialect === provider);
    if (found !== undefined) return found;
    throw new GatewayError('internal', { message: `No call in ${client} can be translated into ${provider} here.` });
  }

  async #load(): Promise<void> {
    try {
      this.#loaded = await translators();
    } catch (cause) {
      // The next call tries again: what was missing may be there then.
      this.#loading = undefined;
      throw new GatewayError('internal', { message: 'The translation between dialects could not be loaded.', cause });
    }
  }
}

async function translators(): Promise<Translator[]> {
  const [tables, walk, ...sides] = await Promise.all([
    import('../protocol/fidelity/tables.ts'),
    import('../protocol/fidelity/losses.ts'),
    import('../edge/openai/codec.ts'),
    import('../edge/responses/codec.ts'),
    import('../edge/anthropic/codec.ts'),
    import('../edge/gemini/codec.ts'),
    import('../providers/openai/codec.ts'),
    import('../providers/responses/codec.ts'),
    import('../providers/anthropic/codec.ts'),
    import('../providers/gemini/codec.ts'),
  ]);
  const [chat, responses, messages, gemini, ...providerSides] = sides;
  const [chatProvider, responsesProvider, messagesProvider, geminiProvider] = providerSides;
  const clients = [chat.chatClient, responses.responsesClient, messages.messagesClient, gemini.geminiClient];
  const providers = [
    chatProvider.chatProvider,
    responsesProvider.responsesProvider,
    messagesProvider.messagesProvider,
    geminiProvider.geminiProvider,
  ];
  return clients.flatMap((client) =>
    providers.flatMap((provider): Translator[] => {
      const table = tables.tableOf(client.dialect, provider.dialect);
      if (table === undefined) return [];
      const lossesOf = (fields: Readonly<Record<string, unknown>>): FieldLosses => walk.lossesOf(table, fields);
      return [{ client, provider, lossesOf }];
    }),
  );
}
