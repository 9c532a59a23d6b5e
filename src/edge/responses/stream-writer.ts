import type { GatewayError } from '../../kernel/errors.ts';
import type { Finish, StreamEvent } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity, StreamWriter } from '../../protocol/chat/codec.ts';
import type { Usage } from '../../protocol/usage.ts';
import type { WireObject } from '../../providers/openai/wire.ts';
import type { PartEvent } from '../part-line.ts';
import { endingOf, gaveUp, responseHead, wholeResponse } from './answer-writer.ts';
import { failureEvents } from './errors.ts';
import { ItemList } from './item-list.ts';
import { OutputWriter } from './output-writer.ts';

const NOTHING = Buffer.alloc(0);

/**
 * Writes an answer as a stream of the Responses API: `response.created`, one
 * item after the other, and at the end the whole answer once more with how it
 * ended and what it used. Its events are numbered from 0 without gaps.
 *
 * Nothing is written before there is something to say.
 */
export class ResponsesStreamWriter implements StreamWriter {
  readonly #identity: AnswerIdentity;
  readonly #output: OutputWriter;
  #text = '';
  #sequence = 0;
  #head: WireObject | undefined;
  #start: Extract<StreamEvent, { type: 'answer-start' }> | undefined;
  #usage: Usage | undefined;
  #finish: Finish = { reason: 'other' };
  #refused = false;

  constructor(identity: AnswerIdentity) {
    this.#identity = identity;
    this.#output = new OutputWriter(
      new ItemList(identity, (type, members) => {
        this.#begin();
        this.#tell(type, members);
      }),
    );
  }

  write(event: StreamEvent): Buffer {
    if ('part' in event) this.#part(event);
    else this.#whole(event);
    return this.#taken();
  }

  end(): Buffer {
    const head = this.#begin();
    const ending = endingOf(this.#finish, this.#refused);
    const output = this.#output.end(ending.status);
    const response = wholeResponse(head, { ...ending, output, usage: this.#usage }, this.#identity);
    this.#tell(
      ending.status === 'incomplete' ? 'response.incomplete' : 'response.completed',
      `"response":${JSON.stringify(response)}`,
    );
    return this.#taken();
  }

  errorEvent(error: GatewayError, requestId: string): Buffer {
    const { id, created_at: createdAt, model } = this.#begin();
    const response = { id: String(id), createdAt: Number(createdAt), model: String(model) };
    return Buffer.concat([this.#taken(), failureEvents(error, requestId, { sequence: this.#sequence, response })]);
  }

  /** Of several choices it is the first: the dialect knows one. */
  #part(event: PartEvent): void {
    if (event.choice !== 0) return;
    this.#refused ||= event.type === 'refusal-start' || (event.type === 'part-add' && event.content.type === 'refusal');
    this.#output.take(event);
  }

  #whole(event: Exclude<StreamEvent, PartEvent>): void {
    switch (event.type) {
      case 'answer-start':
        this.#start = event;
        return;
      case 'usage-update':
        this.#usage =
          event.serviceTier === undefined ? event.usage : { ...event.usage, serviceTier: event.serviceTier };
        return;
      case 'logprobs-add':
        if (event.choice === 0 && event.of === 'text') this.#output.probable(event.logprobs);
        return;
      case 'choice-finish':
        if (event.choice === 0) this.#finished(event.finish);
        return;
      default:
        return;
    }
  }

  #finished(finish: Finish): void {
    if (finish.reason === 'error') throw gaveUp(`with the reason ${finish.said ?? 'error'}`);
    this.#finish = finish;
  }

  #begin(): WireObject {
    if (this.#head !== undefined) return this.#head;
    this.#head = responseHead(this.#start ?? {}, this.#identity);
    const members = `"response":${JSON.stringify(this.#head)}`;
    this.#tell('response.created', members);
    this.#tell('response.in_progress', members);
    return this.#head;
  }

  #tell(type: string, members: string): void {
    const number = this.#sequence++;
    this.#text += `event: ${type}\ndata: {"type":"${type}","sequence_number":${number},${members}}\n\n`;
  }

  #taken(): Buffer {
    if (this.#text === '') return NOTHING;
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    return bytes;
  }
}
