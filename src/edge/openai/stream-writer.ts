import type { Finish, StreamEvent } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity, StreamWriter } from '../../protocol/chat/codec.ts';
import type { Usage } from '../../protocol/usage.ts';
import { finishWord } from '../../providers/openai/finish.ts';
import { logprobsJson } from '../../providers/openai/logprobs.ts';
import { ownFields, type WireObject } from '../../providers/openai/wire.ts';
import { tierWord } from '../openai-tiers.ts';
import { ChoiceWriter } from './choice-writer.ts';
import { usageJson } from './usage-json.ts';

const NOTHING = Buffer.alloc(0);
const DONE = 'data: [DONE]\n\n';

/** What is said of one choice between the chunk's head and its tail. */
interface Said {
  readonly delta: WireObject;
  readonly logprobs?: WireObject | null;
  readonly finishReason?: string;
}

/**
 * Makes a stream of chunks as OpenAI sends them: each choice begins with its
 * role, tool calls are numbered from 0 within it, and ends in one chunk that
 * says why. Why and the usage are told last, so that a stream that fails before
 * never looks like one that ended.
 */
export class ChatStreamWriter implements StreamWriter {
  readonly #identity: AnswerIdentity;
  readonly #choices = new Map<number, ChoiceWriter>();
  readonly #finishes = new Map<number, Finish>();
  #head: string | undefined;
  #tail: string | undefined;
  #usage: Usage | undefined;
  #text = '';

  constructor(identity: AnswerIdentity) {
    this.#identity = identity;
  }

  write(event: StreamEvent): Buffer {
    switch (event.type) {
      case 'answer-start':
        this.#start(event);
        break;
      case 'usage-update':
        this.#usage = event.usage;
        break;
      case 'choice-finish':
        this.#choiceAt(event.choice);
        this.#finishes.set(event.choice, event.finish);
        break;
      case 'logprobs-add': {
        const logprobs = logprobsJson(event.of === 'text' ? { content: event.logprobs } : { refusal: event.logprobs });
        this.#choiceAt(event.choice);
        this.#say(event.choice, { delta: {}, logprobs });
        break;
      }
      case 'ping':
      case 'answer-error':
      case 'answer-end':
        break;
      default:
        for (const delta of this.#choiceAt(event.choice, event.type === 'text-start').deltas(event)) {
          this.#say(event.choice, { delta });
        }
    }
    return this.#taken();
  }

  end(): Buffer {
    for (const [index, choice] of [...this.#choices].sort(([one], [other]) => one - other)) {
      for (const delta of choice.lastDeltas()) this.#say(index, { delta });
      const finish = this.#finishes.get(index) ?? { reason: 'other' };
      this.#say(index, { delta: {}, finishReason: finishWord(finish) });
    }
    if (this.#identity.usageWanted && this.#usage !== undefined) {
      this.#text += `${this.#prefix()}],"usage":${JSON.stringify(usageJson(this.#usage))}}\n\n`;
    }
    this.#text += DONE;
    return this.#taken();
  }

  #taken(): Buffer {
    if (this.#text === '') return NOTHING;
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    return bytes;
  }

  /** The choice, whose first chunk says whose role it is and whether a text is coming. */
  #choiceAt(index: number, text = false): ChoiceWriter {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = new ChoiceWriter();
      this.#choices.set(index, choice);
      this.#say(index, { delta: { role: 'assistant', content: text ? '' : null, refusal: null } });
    }
    return choice;
  }

  #say(index: number, { delta, logprobs = null, finishReason }: Said): void {
    this.#tail ??= this.#identity.usageWanted ? '}],"usage":null}\n\n' : '}]}\n\n';
    const probable = logprobs === null ? 'null' : JSON.stringify(logprobs);
    const reason = finishReason === undefined ? 'null' : JSON.stringify(finishReason);
    this.#text += `${this.#prefix()}{"index":${index},"delta":${JSON.stringify(delta)},"logprobs":${probable},"finish_reason":${reason}${this.#tail}`;
  }

  /** The beginning of every chunk, up to its choices. */
  #prefix(): string {
    if (this.#head === undefined) this.#start({});
    return this.#head ?? '';
  }

  #start({ model, createdAt, serviceTier, rest }: Omit<Extract<StreamEvent, { type: 'answer-start' }>, 'type'>): void {
    const tier = tierWord(serviceTier);
    const { system_fingerprint: fingerprint } = ownFields(rest);
    const members = {
      id: this.#identity.id,
      object: 'chat.completion.chunk',
      created: createdAt ?? Math.floor(this.#identity.at / 1000),
      model: model ?? this.#identity.model,
      ...(tier === undefined ? {} : { service_tier: tier }),
      system_fingerprint: typeof fingerprint === 'string' ? fingerprint : null,
    };
    this.#head = `data: ${JSON.stringify(members).slice(0, -1)},"choices":[`;
  }
}
