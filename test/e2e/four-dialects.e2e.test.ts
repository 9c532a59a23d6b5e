import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chatSdk } from '../support/dialects/chat-client.ts';
import type { Address, Turn } from '../support/dialects/client.ts';
import { geminiSdk } from '../support/dialects/gemini-client.ts';
import { messagesSdk } from '../support/dialects/messages-client.ts';
import { responsesSdk } from '../support/dialects/responses-client.ts';
import { FourProviders, PROVIDER_NAMES, PROVIDERS } from './four-providers.ts';
import type { ServedGateway } from './served-gateway.ts';

/* The official SDKs of all four dialects over providers each of which speaks one of them and nothing else. */

/** A picture of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
const QUESTION = 'Compare the weather and the harbour of Genoa';
const TOOLS = ['get_weather', 'find_harbour'];

const SDKS = [chatSdk, responsesSdk, messagesSdk, geminiSdk];
/** Their names are known before there is a gateway to talk to. */
const NOWHERE: Address = { url: 'http://127.0.0.1:9', key: 'none' };
const CLIENTS = SDKS.map((sdk) => ({ sdk, client: sdk(NOWHERE).name }));

let providers: FourProviders;
let gateway: ServedGateway;

beforeAll(async () => {
  const targets = ['claude/sim-small', 'gpt/sim-small', 'google/sim-small'];
  providers = await FourProviders.start({ everywhere: { targets } });
  ({ gateway } = providers);
}, 30_000);

afterAll(() => providers[Symbol.asyncDispose]());

beforeEach(() => providers.setFaults([]));

/** What the provider sealed, each value once; of an answer in many events its end says it as it stays. */
function sealsIn(said: string, member: string): string[] {
  const end = Math.max(0, said.lastIndexOf('event: response.completed'));
  const found = said.slice(end).matchAll(new RegExp(`"${member}":"([^"]{20,})"`, 'g'));
  return [...new Set([...found].map(([, value]) => value ?? ''))];
}

function expectCalls(turn: Turn): void {
  expect(turn.calls.map(({ name }) => name).toSorted()).toEqual(TOOLS.toSorted());
  for (const call of turn.calls) expect(call.arguments).toEqual({ city: expect.any(String) });
}

const FINISHES: Readonly<Record<string, readonly [called: string, said: string]>> = {
  'openai (Chat Completions)': ['tool_calls', 'stop'],
  'openai (Responses)': ['completed', 'completed'],
  '@anthropic-ai/sdk (Messages)': ['tool_use', 'end_turn'],
  '@google/genai (Gemini)': ['STOP', 'STOP'],
};

describe.each(CLIENTS)('$client', ({ sdk, client }) => {
  const pairs = PROVIDER_NAMES.flatMap((provider) => [false, true].map((streamed) => ({ provider, streamed })));
  const [called, said] = FINISHES[client] ?? [];

  test.each(pairs)(
    'takes turns with a picture, thoughts and tools called at once at $provider, streamed: $streamed',
    async ({ provider, streamed }) => {
      const tap = providers.tapOf(provider);
      const talk = sdk(gateway).converse({ model: `${provider}/sim-reasoner`, streamed, tools: TOOLS, thinks: true });
      const first = await talk.say(QUESTION, PIXEL);
      expectCalls(first);
      expect(first.finish).toBe(called);
      // Who asks OpenAI's models for no summary sees nothing of their thoughts, and Chat Completions has no word for it.
      expect(first.thought !== '').toBe(!(provider === 'gpt' && sdk === chatSdk));
      expect(first.usage.input).toBeGreaterThan(0);
      expect(first.usage.output).toBeGreaterThan(0);
      const answered = tap.calls.at(-1)?.answered ?? '';
      const second = await talk.answerCalls((name) => `result of ${name}`);
      expect(second.finish).toBe(said);
      expect(second.calls).toEqual([]);
      for (const name of TOOLS) expect(second.text).toContain(`result of ${name}`);
      const { seals } = PROVIDERS[provider];
      if (seals !== undefined) {
        const sealed = sealsIn(answered, seals);
        expect(sealed).not.toEqual([]);
        expect(sealsIn(tap.calls.at(-1)?.asked ?? '', seals)).toEqual(sealed);
      }
      // All of it goes back once more, and whoever sealed something of it looks at it again.
      const third = await talk.say('And by night?');
      expect(third.usage.input).toBeGreaterThan(second.usage.input ?? 0);
    },
  );
});

/** Each provider comes after each other one, with calls that it made answered by somebody else. */
const TOUR = ['claude', 'gpt', 'google', 'chat', 'claude', 'google', 'gpt', 'claude', 'chat', 'google'] as const;

describe.each(CLIENTS)('a conversation of $client', ({ sdk }) => {
  test.each([false, true])(
    'moves from provider to provider, each of which gets its own seals back, streamed: %s',
    async (streamed) => {
      const talk = sdk(gateway).converse({ model: '', streamed, tools: TOOLS, thinks: true });
      const made = new Map<string, string>();
      let open: Turn | undefined;
      for (const provider of TOUR) {
        talk.moveTo(`${provider}/sim-reasoner`);
        open = open === undefined ? await talk.say(QUESTION) : await talk.answerCalls((name) => `result of ${name}`);
        const { asked, answered } = providers.tapOf(provider).calls.at(-1) ?? { asked: '', answered: '' };
        // What a client says to a provider of its own dialect goes there as it is.
        const native = provider === 'chat' && sdk === chatSdk;
        const foreign = [...made].filter(([seal, maker]) => maker !== provider && asked.includes(seal));
        expect(native ? [] : foreign, `what ${provider} got`).toEqual([]);
        // Google's also signs texts, for which not every dialect has room, and which may be left out.
        const lost = [...made].filter(([seal, maker]) => maker === provider && !asked.includes(seal));
        expect(provider === 'google' ? [] : lost, `what ${provider} did not get back`).toEqual([]);
        const { seals } = PROVIDERS[provider];
        if (seals !== undefined) for (const seal of sealsIn(answered, seals)) made.set(seal, provider);
        if (open.calls.length === 0) open = undefined;
      }
      expect(new Set(made.values())).toEqual(new Set(['claude', 'gpt', 'google']));
    },
  );
});

const OWN_TO_A_CALL = new Set([
  ...['id', 'call_id', 'responseId', 'model', 'modelVersion', 'created', 'created_at', 'completed_at', 'createTime'],
  ...['signature', 'encrypted_content', 'thoughtSignature', 'data', 'sdkHttpResponse'],
]);

/** An answer but for what is another one each time it is asked for. */
function withoutNames(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer, (key, value) => (OWN_TO_A_CALL.has(key) ? undefined : value)));
}

const DOWN = [{ fault: { kind: 'status' as const, code: 503 } }];

describe.each(CLIENTS)('a route from Claude over GPT to Gemini, asked by $client', ({ sdk, client }) => {
  test.each([false, true])('answers from the third as if it had been asked alone, streamed: %s', async (streamed) => {
    providers.setFaults(DOWN, ['claude', 'gpt']);
    const settings = { streamed, tools: TOOLS, thinks: true };
    const routed = sdk(gateway).converse({ ...settings, model: 'route/everywhere' });
    const alone = sdk(gateway).converse({ ...settings, model: 'google/sim-small' });
    const [called, direct] = [await routed.say(QUESTION), await alone.say(QUESTION)];
    expectCalls(called);
    expect(called.header('x-leeward-provider')).toBe('google');
    expect(called.header('x-leeward-attempts')).toBe('3');
    expect(direct.header('x-leeward-attempts')).toBe('1');
    expect(withoutNames(called.answer)).toEqual(withoutNames(direct.answer));
    const [said, again] = [
      await routed.answerCalls((name) => `result of ${name}`),
      await alone.answerCalls((name) => `result of ${name}`),
    ];
    expect(said.header('x-leeward-provider')).toBe('google');
    expect(said.text).toContain('result of get_weather');
    expect(withoutNames(said.answer)).toEqual(withoutNames(again.answer));
  });

  test.each([false, true])("ends in the vendor's own error when nobody answers, streamed: %s", async (streamed) => {
    providers.setFaults(DOWN);
    const { failure, name } = sdk(gateway);
    expect(name).toBe(client);
    const asked = sdk(gateway).converse({ model: 'route/everywhere', streamed }).say(QUESTION);
    await expect(asked).rejects.toBeInstanceOf(failure);
    await expect(asked).rejects.toMatchObject({ status: expect.toSatisfy((status: number) => status >= 500) });
  });
});
