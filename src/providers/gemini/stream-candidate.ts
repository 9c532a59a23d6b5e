import type { GatewayError } from '../../kernel/errors.ts';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { ContentPart, Signature } from '../../protocol/chat/content.ts';
import { type Fields, isFields, textIn } from '../fields.ts';
import { endedInError, refuseAnswer } from './answer-errors.ts';
import type { AnswerIds } from './answer-ids.ts';
import { candidateRest, isNothing } from './answer-reader.ts';
import type { ClientTools } from './asked-tools.ts';
import { readFinish } from './finish.ts';
import { citationsOf } from './grounding.ts';
import { readLogprobs } from './logprobs.ts';
import { readPart, signatureOf } from './part-reader.ts';
import { PartialArguments } from './partial-arguments.ts';
import { GEMINI, objectsIn } from './wire.ts';

type OpenPart =
  | { readonly kind: 'text' | 'reasoning'; readonly part: number; signed: boolean }
  | { readonly kind: 'call'; readonly part: number; readonly name: string; readonly args: PartialArguments };

/** A text of which more is remembered cannot have its citations placed. */
const TEXT_CHARS_MAX = 4_194_304;

/**
 * One candidate of a stream. A text or a thought goes on with the next part of
 * its kind and ends with one of another; a function call comes whole, or goes
 * on until it no longer says that it does.
 */
export class StreamCandidate {
  readonly index: number;
  readonly #ids: AnswerIds;
  readonly #tools: ClientTools;
  readonly #take: (event: StreamEvent) => void;
  #open: OpenPart | undefined;
  #parts = 0;
  #calls = false;
  /** What has been said, each text apart; the last one is the open one's. */
  readonly #texts: string[] = [];
  #textChars = 0;
  #rest: Fields = {};
  #finishReason: string | undefined;

  constructor(index: number, ids: AnswerIds, tools: ClientTools, take: (event: StreamEvent) => void) {
    this.index = index;
    this.#ids = ids;
    this.#tools = tools;
    this.#take = take;
  }

  /** Whether it has said why it ended. */
  get ended(): boolean {
    return this.#finishReason !== undefined;
  }

  read(candidate: Fields): void {
    const { content } = candidate;
    if (isFields(content)) {
      for (const [at, part] of objectsIn(content['parts']).entries()) this.#readPart(part, at);
    }
    const logprobs = readLogprobs(candidate['logprobsResult']);
    if (logprobs !== undefined) this.#take({ type: 'logprobs-add', choice: this.index, of: 'text', logprobs });
    this.#rest = { ...this.#rest, ...candidateRest(candidate)?.fields };
    const said = textIn(candidate, 'finishReason');
    if (said !== undefined && said !== '') this.#finishReason = said;
  }

  /** The prompt turned out to be refused, whatever came before. @param said the provider's word for why */
  block(said: string): void {
    this.#finishReason ??= said;
  }

  /** To be called once its stream is over. @returns the error that it ended in, where it is no answer */
  end(): GatewayError | undefined {
    this.#cite();
    this.#close();
    const finish = readFinish(this.#finishReason, this.#calls);
    if (finish.reason === 'error' && this.#parts === 0) return endedInError(finish.said);
    const known = Object.keys(this.#rest).length === 0;
    const bare = { type: 'choice-finish', choice: this.index, finish } as const;
    this.#take(known ? bare : { ...bare, rest: { dialect: GEMINI, fields: this.#rest } });
    return undefined;
  }

  #readPart(part: Fields, at: number): void {
    const call = part['functionCall'];
    if (isFields(call) && (isPartial(call) || this.#open?.kind === 'call')) return this.#partialCall(part, call);
    // The end of a call that has ended already.
    if (isFields(call) && Object.keys(call).length === 0) return;
    const read = readPart(part, `candidates[${this.index}].content.parts[${at}]`, this.#ids, refuseAnswer);
    if (read.type === 'text') this.#text(read.text, read.signature);
    else if (read.type === 'reasoning') this.#thought(read.text ?? '', read.signature, part['thought'] === true);
    else if (read.type === 'tool-call') this.#wholeCall(read);
    else if (read.type === 'hosted-call') this.#hostedCall(read);
    else if (!isNothing(read)) {
      this.#close();
      this.#take({ type: 'part-add', ...this.#next(), content: read });
    }
  }

  #text(text: string, signature: Signature | undefined): void {
    if (text === '' && signature === undefined) return;
    const part = this.#going('text');
    this.#remember(text);
    if (text !== '') this.#take({ type: 'text-delta', choice: this.index, part, text });
    this.#sign(signature);
  }

  /** @param own whether the provider calls it a thought: a signature alone may be that of a text */
  #thought(text: string, signature: Signature | undefined, own: boolean): void {
    const open = this.#open;
    if (text === '' && signature === undefined) return;
    if (text === '' && !own && open?.kind === 'text' && !open.signed) return this.#sign(signature);
    const part = this.#going('reasoning', text !== '');
    if (text !== '') this.#take({ type: 'reasoning-delta', choice: this.index, part, text });
    this.#sign(signature);
  }

  /** The part that is open, or a new one where that is of another kind or is signed and so complete. */
  #going(kind: 'text' | 'reasoning', summary = false): number {
    const open = this.#open;
    if (open?.kind === kind && !open.signed) return open.part;
    this.#close();
    const place = this.#next();
    this.#open = { kind, part: place.part, signed: false };
    if (kind === 'text') {
      this.#texts.push('');
      this.#take({ type: 'text-start', ...place });
    } else this.#take({ type: 'reasoning-start', ...place, ...(summary ? { summary } : {}) });
    return place.part;
  }

  #sign(signature: Signature | undefined): void {
    const open = this.#open;
    if (signature === undefined || open === undefined || open.kind === 'call') return;
    open.signed = true;
    this.#take({ type: 'signature-add', choice: this.index, part: open.part, signature });
  }

  #remember(text: string): void {
    this.#textChars += text.length;
    if (this.#textChars <= TEXT_CHARS_MAX) this.#texts.push((this.#texts.pop() ?? '') + text);
  }

  #wholeCall(call: Extract<ContentPart, { type: 'tool-call' }>): void {
    this.#close();
    const { id, rest, signature } = call;
    const name = this.#tools.nameOf(call.name);
    const place = this.#start(name, id, signature, rest);
    this.#arguments(place.part, name, call.arguments);
    this.#take({ type: 'part-end', ...place });
  }

  #partialCall(part: Fields, call: Fields): void {
    const sent = textIn(call, 'name');
    if (sent !== undefined && sent !== '') {
      this.#close();
      const name = this.#tools.nameOf(sent);
      const place = this.#start(name, this.#ids.call(textIn(call, 'id')), signatureOf(part));
      this.#open = { kind: 'call', part: place.part, name, args: new PartialArguments() };
    }
    const open = this.#open;
    if (open?.kind !== 'call') return refuseAnswer('functionCall.name', 'must be a text');
    open.args.add(call);
    if (call['willContinue'] !== true) this.#close();
  }

  #start(
    name: string,
    id: string,
    signature: Signature | undefined,
    rest?: Extract<ContentPart, { type: 'tool-call' }>['rest'],
  ): { choice: number; part: number } {
    const place = this.#next();
    const kind = this.#tools.kindOf(name);
    this.#calls = true;
    this.#take({ type: 'tool-call-start', ...place, kind, id, name, ...(rest === undefined ? {} : { rest }) });
    if (signature !== undefined) this.#take({ type: 'signature-add', ...place, signature });
    return place;
  }

  #arguments(part: number, name: string, json: string): void {
    const text = this.#tools.argumentsOf(name, json);
    if (text !== '') this.#take({ type: 'arguments-delta', choice: this.index, part, text });
  }

  #hostedCall(call: Extract<ContentPart, { type: 'hosted-call' }>): void {
    this.#close();
    const place = this.#next();
    this.#take({ type: 'hosted-call-start', ...place, call: { ...call, arguments: '' } });
    this.#take({ type: 'arguments-delta', ...place, text: call.arguments });
    this.#take({ type: 'part-end', ...place });
  }

  #next(): { choice: number; part: number } {
    return { choice: this.index, part: this.#parts++ };
  }

  #close(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    if (open.kind === 'call') this.#arguments(open.part, open.name, open.args.text);
    this.#take({ type: 'part-end', choice: this.index, part: open.part });
  }

  /** What the text rests on is told with the last event; of a text that is over by then, it stays in the rest. */
  #cite(): void {
    const open = this.#open;
    if (open?.kind !== 'text' || this.#textChars > TEXT_CHARS_MAX) return;
    const last = this.#texts.length - 1;
    for (const { textIndex, citation } of citationsOf(
      this.#rest,
      this.#texts.map((text) => ({ text })),
    )) {
      if (textIndex === last) this.#take({ type: 'citation-add', choice: this.index, part: open.part, citation });
    }
  }
}

function isPartial(call: Fields): boolean {
  return call['willContinue'] === true || call['partialArgs'] !== undefined;
}
