import { stringify } from 'yaml';
import { presetGateway } from '../../presets/preset-gateway.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { textOf } from './json.ts';
import type { Recording } from './recordings.ts';
import { Replay } from './replay.ts';

/** Never sent to a client: what a client gets is searched for it. */
export const UPSTREAM_KEY = 'sk-conformance-canary-0123456789abcdef';

/** A gateway with one provider, which gives one recorded answer. */
export class House implements AsyncDisposable {
  readonly replay: Replay;
  readonly gateway: TestGateway;
  /** By which a client asks for the recorded model. */
  readonly model: string;
  /** As the provider names it. */
  readonly upstreamModel: string;

  private constructor(replay: Replay, gateway: TestGateway, upstreamModel: string) {
    this.replay = replay;
    this.gateway = gateway;
    this.upstreamModel = upstreamModel;
    this.model = `up/${upstreamModel}`;
  }

  static async start(recording: Recording): Promise<House> {
    const replay = await Replay.start(recording);
    const { preset, dialect, basePath } = recording.surface;
    // A provider may speak more than one: what was recorded is this one.
    const provider = { preset, dialect, base_url: `${replay.origin}${basePath}`, api_key: UPSTREAM_KEY };
    try {
      const { gateway } = await presetGateway(stringify({ providers: { up: provider } }));
      return new House(replay, gateway, textOf(recording.request?.['model']) ?? 'recorded-model');
    } catch (error) {
      await replay[Symbol.asyncDispose]();
      throw error;
    }
  }

  get origin(): string {
    return `http://127.0.0.1:${this.gateway.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.gateway[Symbol.asyncDispose]();
    } finally {
      await this.replay[Symbol.asyncDispose]();
    }
  }
}
