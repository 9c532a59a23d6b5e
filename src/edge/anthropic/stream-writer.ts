import type { Finish, StreamEvent } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity, StreamWriter } from '../../protocol/chat/codec.ts';
import type { Rest } from '../../protocol/chat/content.ts';
import { writeFinish } from '../../providers/anthropic/finish.ts';
import { ownRest } from '../../providers/anthropic/wire.ts';
import type { Fields } from '../../providers/fields.ts';
import type { PartEvent } from '../part-line.ts';
import { gaveUp, messageHead } from './answer-writer.ts';
import { BlockLine } from './block-line.ts';
import { deltaUsage, writeUsage } from './usage-writer.ts';

const NOTHING = Buffer.alloc(0);
const PING = 'event: ping\ndata: {"type":"ping"}\n\n';
const STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';

/** What `message_delta` has beside its `delta`; everything else stands inside it. */
const BESIDE_DELTA = new Set(['context_management']);

/**
 * Writes an answer as a stream of Messages: `message_start` with what is known
 * of the usage by then, one block after the other, and at the end the reason
 * for it and the whole usage.
 *
 * Nothing is written before there is something to say, so that counts which
 * come right after the start of an answer stand in its `message_start`.
 */
export class MessagesStreamWriter implements StreamWriter {
  readonly #identity: AnswerIdentity;
  readonly #line: BlockLine;
  #out = '';
  #begun = false;
  #blocks = 0;
  #start: Extract<StreamEvent, { type: 'answer-start' }> | undefined;
  #usage: Extract<StreamEvent, { type: 'usage-update' }> | undefined;
  #finish: Finish = { reason: 'other' };
  #finishRest: Rest | undefined;
  #toolCalls = false;
  #refused = false;

  constructor(identity: AnswerIdentity) {
    this.#identity = identity;
    this.#line = new BlockLine({
      start: (block) => this.#startBlock(block),
      delta: (type, member, value) => this.#delta(type, member, value),
      stop: () => this.#stopBlock(),
    });
  }

  write(event: StreamEvent): Buffer {
    if ('part' in event) this.#part(event);
    else this.#whole(event);
    return this.#taken();
  }

  end(): Buffer {
    this.#begin();
    this.#line.end();
    const written = writeFinish(this.#finish, { toolCalls: this.#toolCalls, refused: this.#refused });
    const delta: Record<string, unknown> = { container: null, ...written };
    const beside: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(ownRest(this.#finishRest) ?? {})) {
      (BESIDE_DELTA.has(name) ? beside : delta)[name] = value;
    }
    const usage = deltaUsage(this.#writtenUsage());
    this.#event('message_delta', JSON.stringify({ type: 'message_delta', delta, usage, ...beside }));
    this.#out += STOP;
    return this.#taken();
  }

  #whole(event: Exclude<StreamEvent, PartEvent>): void {
    switch (event.type) {
      case 'answer-start':
        this.#start = event;
        return;
      case 'usage-update':
        this.#usage = event;
        return;
      case 'choice-finish':
        if (event.choice === 0) this.#finished(event);
        return;
      case 'ping':
        // Before the answer has begun, there is nobody who would wait for one.
        if (this.#start === undefined) return;
        this.#begin();
        this.#out += PING;
        return;
      default:
        return;
    }
  }

  #finished({ finish, rest }: Extract<StreamEvent, { type: 'choice-finish' }>): void {
    if (finish.reason === 'error') throw gaveUp(`with the reason ${finish.said ?? 'error'}`);
    this.#finish = finish;
    this.#finishRest = rest;
  }

  /** Of several choices it is the first: the dialect knows one. */
  #part(event: PartEvent): void {
    if (event.choice !== 0) return;
    if (event.type === 'tool-call-start') this.#toolCalls = true;
    else if (event.type === 'refusal-start') this.#refused = true;
    else if (event.type === 'part-add') {
      this.#toolCalls ||= event.content.type === 'tool-call';
      this.#refused ||= event.content.type === 'refusal';
    }
    this.#line.take(event);
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    const message = {
      ...messageHead(this.#start ?? {}, this.#identity),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: this.#writtenUsage(),
    };
    this.#event('message_start', JSON.stringify({ type: 'message_start', message }));
  }

  #writtenUsage(): Fields {
    const tier = this.#usage?.serviceTier ?? this.#start?.serviceTier;
    return writeUsage(this.#usage?.usage, tier, this.#usage?.rest);
  }

  #startBlock(block: Fields): void {
    this.#begin();
    const index = this.#blocks;
    this.#event(
      'content_block_start',
      `{"type":"content_block_start","index":${index},"content_block":${JSON.stringify(block)}}`,
    );
  }

  #delta(type: string, member: string, value: unknown): void {
    this.#event(
      'content_block_delta',
      `{"type":"content_block_delta","index":${this.#blocks},"delta":{"type":"${type}","${member}":${JSON.stringify(value)}}}`,
    );
  }

  #stopBlock(): void {
    this.#event('content_block_stop', `{"type":"content_block_stop","index":${this.#blocks}}`);
    this.#blocks++;
  }

  #event(name: string, data: string): void {
    this.#out += `event: ${name}\ndata: ${data}\n\n`;
  }

  #taken(): Buffer {
    if (this.#out === '') return NOTHING;
    const bytes = Buffer.from(this.#out);
    this.#out = '';
    return bytes;
  }
}
