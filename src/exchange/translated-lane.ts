import { GatewayError } from '../kernel/errors.ts';
import type { ChatAnswer } from '../protocol/chat/answer.ts';
import type { ChatCall } from '../protocol/chat/call.ts';
import type { AnswerIdentity, AskedTools, Loss, ProviderCodec, TargetTraits } from '../protocol/chat/codec.ts';
import type { Dialect } from '../protocol/operation.ts';
import { neverThinks } from '../providers/unthinking-models.ts';
import type { PlannedTarget } from '../routing/target.ts';
import type { AdmittedCall } from './call.ts';
import type {
  AnswerFacts,
  EncodedBody,
  EncodeTarget,
  GateOptions,
  NativeCall,
  OpenFields,
  StreamGate,
} from './dialect.ts';
import type { Lane, LaneAnswer, Translations, Translator } from './lane.ts';
import { SaidText } from './said-text.ts';
import { TranslatedGate } from './translated-gate.ts';
import { unexpected } from './upstream-errors.ts';

/** How each dialect's vendor begins the ids of its answers. */
const ID_PREFIX: Readonly<Record<Dialect, string>> = {
  'openai-chat': 'chatcmpl-',
  'openai-completions': 'cmpl-',
  'openai-embeddings': '',
  'openai-responses': 'resp_',
  'anthropic-messages': 'msg_',
  gemini: '',
  'gemini-embeddings': '',
};

/**
 * A call that is said in another dialect, through the closed vocabulary of
 * `protocol/chat`.
 *
 * What the money was held for still bounds what is sent. The bound on output is
 * put into the call before it is written, so that no codec's default can be
 * above it. The bound on input is that of the client's bytes: of each part,
 * message and tool they hold some twenty bytes of JSON, which are counted as
 * tokens and are none, and that is more than what a translation puts around one
 * (a few words before a tool's result, a schema of one member).
 */
export class TranslatedLane implements Lane {
  readonly translated = true;
  readonly #call: AdmittedCall;
  readonly #target: PlannedTarget;
  readonly dialect: Dialect;
  readonly #translations: Translations;
  #asked: AskedTools = {};

  constructor(call: AdmittedCall, target: PlannedTarget, dialect: Dialect, translations: Translations) {
    this.#call = call;
    this.#target = target;
    this.dialect = dialect;
    this.#translations = translations;
  }

  get upstreamPath(): string {
    const { upstreamPath, streamPath = upstreamPath } = this.#translator.provider;
    return this.#call.request.stream ? streamPath : upstreamPath;
  }

  get streamContentType(): string | undefined {
    return this.#call.request.streamContentType;
  }

  prepare(): Promise<void> | undefined {
    return this.#translations.prepare();
  }

  encode(bounds: EncodeTarget): EncodedBody {
    const { client, provider, lossesOf } = this.#translator;
    const { nativeOnly } = this.#call.request;
    if (nativeOnly !== undefined) throw this.#refusal(nativeOnly);
    const { fields, losses: sealed } = fieldsFor(this.#call.request, bounds, this.dialect);
    const found = lossesOf(fields);
    if (found.refused !== undefined) throw this.#refusal(found.refused);
    const losses: Loss[] = [...sealed, ...found.losses];
    const { stream } = this.#call.request;
    const traits = traitsOf(this.#target, bounds);
    const asked = withinModel(client.readCall(fields), traits.outputTokensMax);
    const call = { ...bounded(asked, bounds.maxOutputTokens), stream, client: client.dialect };
    this.#asked = askedTools(call);
    const body = provider.writeCall(call, traits, losses);
    return {
      bytes: Buffer.from(JSON.stringify(body)),
      usageInjected: false,
      ...(losses.length === 0 ? {} : { losses }),
      ...(found.more === undefined || found.more === 0 ? {} : { moreLosses: found.more }),
    };
  }

  readAnswer(body: Buffer): LaneAnswer {
    const { client, provider } = this.#translator;
    const answer = readOrRefused(provider, body, this.#asked);
    if (answer instanceof GatewayError) return { facts: { error: answer }, body };
    // An answer that says nothing of how it ended is none, whatever status it came with.
    if (answer.choices.length === 0) throw unexpected('an answer without a single choice');
    return { facts: factsOf(answer), body: client.writeAnswer(answer, this.#identity) };
  }

  streamGate({ eventBytesMax }: GateOptions): StreamGate {
    const { client, provider } = this.#translator;
    return new TranslatedGate(
      provider.streamReader({ eventBytesMax, ...this.#asked }),
      client.streamWriter(this.#identity),
    );
  }

  get #translator(): Translator {
    return this.#translations.between(this.#call.request.dialect.id, this.dialect);
  }

  get #identity(): AnswerIdentity {
    const { id, arrivedAt, request } = this.#call;
    return {
      id: ID_PREFIX[request.dialect.id] + id.slice(id.indexOf('_') + 1),
      model: request.modelAsked,
      at: arrivedAt,
      usageWanted: request.usageWanted,
      echo: request.echo ?? request.fields,
      ...(request.streamContentType === undefined ? {} : { streamContentType: request.streamContentType }),
    };
  }

  #refusal({ field, reason }: Loss): GatewayError {
    const { provider, model } = this.#target;
    return new GatewayError('unsupported_parameter', {
      message: `'${field}' cannot be sent to ${provider.name}/${model}: ${reason}. Leave it out, or use a model whose provider takes it.`,
      param: field,
      retry: 'other-target',
    });
  }
}

/** An error in the place of an answer is a fact, as on the native lane: such an answer is not paid for. */
function readOrRefused(provider: ProviderCodec, body: Buffer, asked: AskedTools): ChatAnswer | GatewayError {
  try {
    return provider.readAnswer(body, asked);
  } catch (thrown) {
    if (thrown instanceof GatewayError && holdsError(body)) return thrown;
    throw thrown;
  }
}

/** Of a body that a codec could not read: every dialect's error stands in a member of this name. */
function holdsError(body: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && 'error' in value && value.error !== null;
  } catch {
    // No JSON is no error object; why it is no answer has been thrown already.
    return false;
  }
}

/** The client's own dialect knows how its messages are cut short. */
function fieldsFor(request: NativeCall, bounds: EncodeTarget, dialect: Dialect): OpenFields {
  if (bounds.keepMessages === undefined) {
    return request.openFields?.(bounds, dialect) ?? { fields: request.fields, losses: [] };
  }
  const { maxOutputTokens: _, ...shape } = bounds;
  return { fields: JSON.parse(request.encode(shape).bytes.toString('utf8')) as Record<string, unknown>, losses: [] };
}

/**
 * A client of another dialect sets its bound for the model it thinks it speaks
 * to. Providers refuse more than a model ever answers with, and asking for that
 * much takes nothing from the client.
 */
function withinModel(call: ChatCall, known: number | undefined): ChatCall {
  const { outputTokensMax: asked } = call;
  return asked === undefined || known === undefined || asked <= known ? call : { ...call, outputTokensMax: known };
}

function bounded(call: ChatCall, tokensMax: number | undefined): ChatCall {
  if (tokensMax === undefined) return call;
  return { ...call, outputTokensMax: Math.min(call.outputTokensMax ?? tokensMax, tokensMax) };
}

/** Such a name is the same in every dialect. */
const PLAIN_NAME = /^[a-zA-Z_][\w-]{0,63}$/;

function askedTools({ tools }: ChatCall): AskedTools {
  const custom = tools?.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : [])) ?? [];
  const long = tools?.flatMap(({ name }) => (name !== undefined && !PLAIN_NAME.test(name) ? [name] : [])) ?? [];
  return {
    ...(custom.length === 0 ? {} : { customTools: new Set(custom) }),
    ...(long.length === 0 ? {} : { longNames: new Set(long) }),
  };
}

function traitsOf({ provider, model }: PlannedTarget, bounds: EncodeTarget): TargetTraits {
  const outputTokensMax = provider.limitsOf(model)?.maxOutputTokens;
  return {
    model: bounds.model,
    maxTokensField: bounds.maxTokensField,
    streamUsageOption: bounds.streamUsageOption,
    ...provider.vocabulary,
    ...(neverThinks(model) ? { thinks: false } : {}),
    ...(outputTokensMax === undefined ? {} : { outputTokensMax }),
  };
}

function factsOf({ choices, usage }: ChatAnswer): AnswerFacts {
  const finish = choices[0]?.finish;
  let said: SaidText | undefined;
  const output = () => {
    said ??= saidIn(choices);
    return said;
  };
  return {
    ...(usage === undefined ? {} : { usage }),
    ...(finish === undefined ? {} : { finishReason: finish.said ?? finish.reason }),
    output: () => output().text(),
    outputChars: () => output().chars,
  };
}

function saidIn(choices: ChatAnswer['choices']): SaidText {
  const said = new SaidText();
  for (const { parts } of choices) {
    for (const part of parts) {
      if ('text' in part && part.text !== undefined) said.add(part.text);
      else if (part.type === 'tool-call' || part.type === 'hosted-call') {
        said.add(part.name);
        said.add(part.arguments);
      }
    }
  }
  return said;
}
