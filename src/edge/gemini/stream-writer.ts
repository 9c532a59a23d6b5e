import type { GatewayError } from '../../kernel/errors.ts';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity, StreamWriter } from '../../protocol/chat/codec.ts';
import type { Fields } from '../../providers/fields.ts';
import { ArrayForm } from './array-form.ts';
import { responseHead } from './candidate.ts';
import { CandidateWriter } from './candidate-writer.ts';
import { errorEvent } from './errors.ts';
import { writeUsage } from './usage-writer.ts';

const NOTHING = Buffer.alloc(0);

/**
 * Writes an answer as a stream of Gemini's: each event is a response with the
 * pieces that are new, and the last one says why and what was used. Calls come
 * whole. Events have no names, lines end in CRLF, and nothing follows the last.
 */
export class GeminiStreamWriter implements StreamWriter {
  readonly #identity: AnswerIdentity;
  readonly #array: ArrayForm | undefined;
  readonly #candidates = new Map<number, CandidateWriter>();
  #start: Extract<StreamEvent, { type: 'answer-start' }> | undefined;
  #usage: Extract<StreamEvent, { type: 'usage-update' }> | undefined;
  #tail: string | undefined;
  #out = '';

  constructor(identity: AnswerIdentity) {
    this.#identity = identity;
    this.#array = identity.streamContentType === undefined ? undefined : new ArrayForm();
  }

  write(event: StreamEvent): Buffer {
    switch (event.type) {
      case 'answer-start':
        this.#start = event;
        break;
      case 'usage-update':
        this.#usage = event;
        break;
      case 'choice-finish':
        this.#candidateAt(event.choice).finish(event);
        break;
      case 'logprobs-add':
        this.#candidateAt(event.choice).addLogprobs(event.logprobs);
        break;
      case 'ping':
      case 'answer-error':
      case 'answer-end':
        break;
      default: {
        const candidate = this.#candidateAt(event.choice);
        candidate.take(event);
        const said = candidate.taken();
        if (said !== undefined) this.#say(`"candidates":[${JSON.stringify(said)}]`);
      }
    }
    return this.#taken();
  }

  end(): Buffer {
    if (this.#candidates.size === 0) this.#candidateAt(0);
    const candidates = [...this.#candidates].sort(([one], [other]) => one - other).map(([, candidate]) => candidate);
    const blocked = candidates.map(({ promptFeedback }) => promptFeedback).find(Boolean);
    const last: Record<string, unknown> =
      blocked === undefined ? { candidates: candidates.map((each) => each.ended()) } : { promptFeedback: blocked };
    const usage = writeUsage(this.#usage?.usage, this.#usage?.rest);
    if (usage !== undefined) last['usageMetadata'] = usage;
    this.#say(membersOf(last));
    if (this.#array !== undefined) this.#out += this.#array.end();
    return this.#taken();
  }

  errorEvent(error: GatewayError, requestId: string): Buffer {
    return this.#array?.errorEvent(error, requestId) ?? errorEvent(error, requestId);
  }

  #candidateAt(index: number): CandidateWriter {
    let candidate = this.#candidates.get(index);
    if (candidate === undefined) {
      candidate = new CandidateWriter(index);
      this.#candidates.set(index, candidate);
    }
    return candidate;
  }

  /** @param members of the response, but for those that each of the stream's has */
  #say(members: string): void {
    this.#tail ??= membersOf(responseHead(this.#start ?? {}, this.#identity));
    const response = `{${members},${this.#tail}}`;
    this.#out += this.#array === undefined ? `data: ${response}\r\n\r\n` : this.#array.element(response);
  }

  #taken(): Buffer {
    if (this.#out === '') return NOTHING;
    const bytes = Buffer.from(this.#out);
    this.#out = '';
    return bytes;
  }
}

function membersOf(fields: Fields): string {
  return JSON.stringify(fields).slice(1, -1);
}
