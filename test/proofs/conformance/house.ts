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
  gateway: TestGateway;
  readonly #recording: Recording;
  /** By which a client asks for the recorded model. */
  readonly model: string;
  /** As the provider names it. */
  readonly upstreamModel: string;

  private constructor(recording: Recording, replay: Replay, gateway: TestGateway, upstreamModel: string) {
    this.#recording = recording;
    this.replay = replay;
    this.gateway = gateway;
    this.upstreamModel = upstreamModel;
    this.model = `up/${upstreamModel}`;
  }

  static async start(recording: Recording): Promise<House> {
    const replay = await Replay.start(recording);
    try {
      const gateway = await gatewayTo(replay, recording);
      const model = textOf(recording.request?.['model']) ?? recording.surface.model ?? 'recorded-model';
      return new House(recording, replay, gateway, model.replace(/^models\//, ''));
    } catch (error) {
      await replay[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A gateway that does not remember that the provider has had enough, where that is what was recorded. */
  async forget(): Promise<void> {
    if (this.#recording.status < 400) return;
    await this.gateway[Symbol.asyncDispose]();
    this.gateway = await gatewayTo(this.replay, this.#recording);
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

async function gatewayTo({ origin }: Replay, { surface }: Recording): Promise<TestGateway> {
  const { preset, dialect, basePath } = surface;
  // A provider may speak more than one: what was recorded is this one.
  const provider = { preset, dialect, base_url: `${origin}${basePath}`, api_key: UPSTREAM_KEY };
  const { gateway } = await presetGateway(stringify({ providers: { up: provider } }));
  return gateway;
}
