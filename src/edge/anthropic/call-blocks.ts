import { ownRest } from '../../providers/anthropic/wire.ts';
import { PLAIN_INPUT } from '../../providers/tool-input.ts';
import type { PartEvent, PartWriter } from '../part-line.ts';
import { callSignatureBlock, toolUseStart } from './answer-blocks.ts';
import type { BlockTaker } from './block-taker.ts';

type CallStart = Extract<PartEvent, { readonly type: 'tool-call-start' }>;

/** Begins a call's block once it is known whether a signature has to come before it. */
class CallBeginning {
  readonly #out: BlockTaker;
  #start: CallStart | undefined;

  constructor(out: BlockTaker) {
    this.#out = out;
  }

  /** @returns whether the call's block begins here */
  take(event: PartEvent): boolean {
    if (event.type === 'tool-call-start') this.#start = event;
    else if (event.type === 'signature-add' && this.#start !== undefined) {
      this.#out.start({ type: 'thinking', thinking: '', signature: '' });
      this.#out.delta('signature_delta', 'signature', callSignatureBlock(event.signature)['signature']);
      this.#out.stop();
    } else if (event.type !== 'signature-add') return this.begin();
    return false;
  }

  /** @returns whether it begins only now */
  begin(): boolean {
    if (this.#start === undefined) return false;
    this.#out.start({ ...toolUseStart(this.#start), ...ownRest(this.#start.rest) });
    this.#start = undefined;
    return true;
  }
}

/** A call of the client's tool, or of one that the provider runs. */
export class CallWriter implements PartWriter {
  readonly #out: BlockTaker;
  readonly #beginning: CallBeginning;

  constructor(out: BlockTaker) {
    this.#out = out;
    this.#beginning = new CallBeginning(out);
  }

  take(event: PartEvent): void {
    this.#beginning.take(event);
    if (event.type === 'hosted-call-start') this.#out.start(event.call.source.fields);
    else if (event.type === 'arguments-delta') this.#out.delta('input_json_delta', 'partial_json', event.text);
  }

  end(): void {
    this.#beginning.begin();
    this.#out.stop();
  }
}

/** A call whose argument is plain text: it is a member of the object that a tool takes here. */
export class CustomCallWriter implements PartWriter {
  readonly #out: BlockTaker;
  readonly #beginning: CallBeginning;

  constructor(out: BlockTaker) {
    this.#out = out;
    this.#beginning = new CallBeginning(out);
  }

  take(event: PartEvent): void {
    if (this.#beginning.take(event)) this.#beginText();
    if (event.type === 'arguments-delta') {
      this.#out.delta('input_json_delta', 'partial_json', JSON.stringify(event.text).slice(1, -1));
    }
  }

  #beginText(): void {
    this.#out.delta('input_json_delta', 'partial_json', `{${JSON.stringify(PLAIN_INPUT)}:"`);
  }

  end(): void {
    if (this.#beginning.begin()) this.#beginText();
    this.#out.delta('input_json_delta', 'partial_json', '"}');
    this.#out.stop();
  }
}
