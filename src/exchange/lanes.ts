import { GatewayError } from '../kernel/errors.ts';
import { pathName } from '../kernel/path-name.ts';
import type { Dialect } from '../protocol/operation.ts';
import type { PlannedTarget } from '../routing/target.ts';
import type { AdmittedCall } from './call.ts';
import type { EncodedBody, EncodeTarget, GateOptions, NativeCall, StreamGate } from './dialect.ts';
import type { Lane, LaneAnswer, Translations } from './lane.ts';
import { TranslatedLane } from './translated-lane.ts';

/** @throws `internal` for a target that is to be spoken to in another dialect where nothing is translated */
export function laneOf(call: AdmittedCall, target: PlannedTarget, translations: Translations | undefined): Lane {
  if (target.translatedInto === undefined) return new NativeLane(call.request);
  if (translations === undefined) throw new GatewayError('internal', { message: 'Nothing is translated here.' });
  return new TranslatedLane(call, target, target.translatedInto, translations);
}

/**
 * Path and query of an operation at a target.
 *
 * @param template as a dialect has it, perhaps with the place of the model's name
 * @throws `invalid_request` for a name that can stand in no path
 */
export function upstreamPathOf(
  { provider, model }: Pick<PlannedTarget, 'provider' | 'model'>,
  template: string,
): string {
  if (!template.includes('{model}')) return provider.pathOf(template, model);
  const name = pathName(provider.nameOf(model));
  return provider.pathOf(
    template.replace('{model}', () => name),
    model,
  );
}

/** Who remembers an answer, and can open what it sealed: a provider, by one of its credentials. */
export function deploymentOf({ provider, credential }: PlannedTarget): string {
  return `${provider.name}/${credential?.name ?? ''}`;
}

/** What a target is told of itself, and of the bounds of this attempt. */
export function encodeTargetOf(
  target: PlannedTarget,
  bounds: {
    readonly outputTokensMax: number | undefined;
    readonly keepMessages?: number | undefined;
    readonly refuseSealed?: boolean;
  },
): EncodeTarget {
  const { provider, model } = target;
  const { outputTokensMax, keepMessages, refuseSealed } = bounds;
  return {
    model: provider.nameOf(model),
    deployment: deploymentOf(target),
    streamUsageOption: provider.streamUsageOption,
    maxTokensField: provider.maxTokensField,
    ...(outputTokensMax === undefined ? {} : { maxOutputTokens: outputTokensMax }),
    ...(keepMessages === undefined ? {} : { keepMessages }),
    ...(refuseSealed === true ? { refuseSealed } : {}),
    ...(provider.vocabulary === undefined ? {} : { vocabulary: provider.vocabulary }),
  };
}

/** The client's own dialect, of which nothing is changed but what has to be. */
class NativeLane implements Lane {
  readonly translated = false;
  readonly #request: NativeCall;

  constructor(request: NativeCall) {
    this.#request = request;
  }

  get dialect(): Dialect {
    return this.#request.dialect.id;
  }

  get upstreamPath(): string {
    return this.#request.upstreamPath ?? this.#request.dialect.upstreamPath;
  }

  get streamContentType(): string | undefined {
    return this.#request.streamContentType;
  }

  prepare(): undefined {
    return undefined;
  }

  encode(target: EncodeTarget): EncodedBody {
    return this.#request.encode(target);
  }

  readAnswer(body: Buffer): LaneAnswer {
    return { facts: this.#request.dialect.readAnswer(body), body };
  }

  streamGate(options: GateOptions): StreamGate {
    return this.#request.dialect.streamGate(options);
  }
}
