import { z } from 'zod';
import type { Processes } from '../harness/processes.ts';
import type { Address } from '../load/wire.ts';
import { type RunningLeeward, startLeeward } from '../subjects/leeward.ts';
import { type AnswerMock, startAnswerMock } from '../subjects/nginx.ts';
import { nothingLeftBehind, type Subject } from '../subjects/subject.ts';
import { MOCK_DIALECTS, type MockDialect, type StreamMock, startStreamMock } from '../upstreams/stream-mock.ts';
import { CLIENTS } from './clients.ts';
import type { Lane } from './lanes.ts';

const MODEL = 'gpt-4o-mini';
const createdKey = z.object({ key: z.string() });

/** What answers in one dialect. */
interface Mocks {
  readonly answerMock: AnswerMock;
  readonly streamMock: StreamMock;
}

/** One lane through the gateway, and what stands behind it. */
export interface LaneSubject extends Mocks {
  readonly subject: Subject;
  /** The gateway's names for the mocks. */
  readonly provider: { readonly calls: string; readonly streams: string };
}

const PROVIDERS: Readonly<Record<MockDialect, LaneSubject['provider']>> = {
  chat: { calls: 'calls', streams: 'streams' },
  messages: { calls: 'messages-calls', streams: 'messages-streams' },
  responses: { calls: 'responses-calls', streams: 'responses-streams' },
  gemini: { calls: 'gemini-calls', streams: 'gemini-streams' },
};

/** One gateway before mocks of all dialects: every lane runs in the same program, as warm. */
export class TranslatedGateway {
  readonly #leeward: RunningLeeward;
  readonly #key: string;
  readonly #mocks: Readonly<Record<MockDialect, Mocks>>;

  private constructor(leeward: RunningLeeward, key: string, mocks: Readonly<Record<MockDialect, Mocks>>) {
    this.#leeward = leeward;
    this.#key = key;
    this.#mocks = mocks;
  }

  static async start(processes: Processes, folder: string): Promise<TranslatedGateway> {
    const startMocks = async (dialect: MockDialect): Promise<Mocks> => ({
      answerMock: await startAnswerMock(processes, folder, dialect),
      streamMock: await startStreamMock(processes, dialect),
    });
    const started = MOCK_DIALECTS.map(async (dialect) => [dialect, await startMocks(dialect)] as const);
    const mocks = Object.fromEntries(await Promise.all(started)) as Record<MockDialect, Mocks>;
    const others = MOCK_DIALECTS.filter((dialect) => dialect !== 'chat').map((name) => ({
      name,
      dialect: CLIENTS[name].dialect,
      ...portsOf(mocks[name]),
    }));
    const leeward = await startLeeward(processes, folder, { ...portsOf(mocks.chat), others });
    const { key } = createdKey.parse(await leeward.admin('/admin/keys', { name: 'lanes' }));
    return new TranslatedGateway(leeward, key, mocks);
  }

  get dataDir(): string {
    return this.#leeward.dataDir;
  }

  lane({ client, provider: dialect }: Lane): LaneSubject {
    const { subject } = this.#leeward;
    const { path, headers } = CLIENTS[client];
    const provider = PROVIDERS[dialect];
    const address = (name: string, kind: 'call' | 'stream'): Address => ({
      port: subject.calls.port,
      path: path(`${name}/${MODEL}`, kind),
      model: `${name}/${MODEL}`,
      headers: headers(this.#key),
    });
    return {
      ...this.#mocks[dialect],
      provider,
      subject: { ...subject, calls: address(provider.calls, 'call'), streams: address(provider.streams, 'stream') },
    };
  }

  /** The mock of one dialect by itself, called by its own clients. */
  direct(dialect: MockDialect): LaneSubject {
    const mocks = this.#mocks[dialect];
    const { path, headers } = CLIENTS[dialect];
    const address = (port: number, kind: 'call' | 'stream'): Address => ({
      port,
      path: path(MODEL, kind),
      model: MODEL,
      headers: headers('sk-client'),
    });
    const { calls, streams } = portsOf(mocks);
    const about = { version: '', command: '', features: 'the mock itself' };
    return {
      ...mocks,
      provider: PROVIDERS[dialect],
      subject: {
        ...nothingLeftBehind,
        name: 'direct',
        calls: address(calls, 'call'),
        streams: address(streams, 'stream'),
        about,
      },
    };
  }

  settled(): Promise<void> {
    return this.#leeward.subject.settled();
  }

  stop(): Promise<void> {
    return this.#leeward.stop();
  }
}

function portsOf({ answerMock, streamMock }: Mocks): { readonly calls: number; readonly streams: number } {
  return { calls: answerMock.port, streams: streamMock.port };
}
