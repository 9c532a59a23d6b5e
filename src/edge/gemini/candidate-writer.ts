import type { Finish, StreamEvent, TokenLogprob } from '../../protocol/chat/answer.ts';
import type { Citation, Rest } from '../../protocol/chat/content.ts';
import type { Fields } from '../../providers/fields.ts';
import { ownRest } from '../../providers/gemini/wire.ts';
import { type PartEvent, PartLine } from '../part-line.ts';
import { endedCandidate, logprobsJson } from './candidate.ts';
import { finishReason } from './finish-writer.ts';
import { placedIn } from './grounding-writer.ts';
import { answerParts } from './part-writer.ts';
import { AnswerCalls } from './seals.ts';
import { type PieceTaker, partWriter } from './stream-parts.ts';

/** Of a longer text, nothing is said of what its parts rest on: that is told at the end, and the text is kept till then. */
const CITED_CHARS_MAX = 1024 * 1024;

interface TextRun {
  readonly partIndex: number;
  readonly pieces: string[];
  chars: number;
  readonly citations: Citation[];
}

/** One candidate of a stream: events of its parts in, the parts that say them out. */
export class CandidateWriter implements PieceTaker {
  readonly #index: number;
  readonly #line: PartLine;
  readonly #runs: TextRun[] = [];
  readonly #calls = new AnswerCalls();
  #said: Fields[] = [];
  #logprobs: TokenLogprob[] = [];
  #parts = 0;
  #open: 'text' | 'thought' | undefined;
  #finish: Finish = { reason: 'other' };
  #rest: Rest | undefined;

  constructor(index: number) {
    this.#index = index;
    this.#line = new PartLine({
      begin: (first) => partWriter(first, this),
      whole: ({ content }) => {
        for (const part of answerParts(content)) this.#whole(part);
        if (content.type === 'text' && content.citations !== undefined) {
          this.cited(content.citations, content.text.length);
        }
      },
    });
  }

  take(event: PartEvent): void {
    this.#line.take(event);
  }

  addLogprobs(logprobs: readonly TokenLogprob[]): void {
    this.#logprobs.push(...logprobs);
  }

  /** @throws `upstream_error` for an answer that its provider gave up */
  finish({ finish, rest }: Extract<StreamEvent, { type: 'choice-finish' }>): void {
    finishReason(finish, this.#parts);
    this.#finish = finish;
    this.#rest = rest;
  }

  /** Present where the prompt was refused, and there is no candidate. */
  get promptFeedback(): unknown {
    return ownRest(this.#finish.rest)?.['promptFeedback'];
  }

  /** What has been said since the last time, as a candidate; `undefined` where that is nothing. */
  taken(): Fields | undefined {
    if (this.#said.length === 0) return undefined;
    const parts = this.#said;
    this.#said = [];
    const logprobs = this.#logprobs;
    this.#logprobs = [];
    return {
      content: { parts, role: 'model' },
      index: this.#index,
      ...(logprobs.length === 0 ? {} : { logprobsResult: logprobsJson(logprobs) }),
    };
  }

  /** The candidate's end, with what was not said before. */
  ended(): Fields {
    this.#line.end();
    const logprobs = this.#logprobs.length === 0 ? undefined : this.#logprobs;
    const texts = this.#runs.map(({ pieces, ...run }) => ({ ...run, text: pieces.join('') }));
    return endedCandidate(
      { index: this.#index, finish: this.#finish, rest: this.#rest, texts, logprobs },
      this.#said,
      this.#parts,
    );
  }

  text(text: string): void {
    if (this.#open !== 'text') {
      this.#runs.push({ partIndex: this.#parts, pieces: [], chars: 0, citations: [] });
      this.#parts++;
      this.#open = 'text';
    }
    const run = this.#run();
    if (run !== undefined) {
      run.chars += text.length;
      if (run.chars <= CITED_CHARS_MAX) run.pieces.push(text);
    }
    this.#said.push({ text });
  }

  cited(citations: readonly Citation[], chars: number): void {
    const run = this.#run();
    if (run === undefined || run.chars > CITED_CHARS_MAX) return;
    const from = run.chars - chars;
    for (const citation of citations) run.citations.push(placedIn(citation, from, chars));
  }

  thought(text: string): void {
    if (this.#open !== 'thought') this.#parts++;
    this.#open = 'thought';
    this.#said.push({ text, thought: true });
  }

  thoughtEnd(): void {
    if (this.#open === 'thought') this.#open = undefined;
  }

  piece(part: Fields): void {
    // An empty text is the seal of what is open, where that is of its kind.
    const kind = part['thought'] === true ? 'thought' : 'text';
    if (part['text'] !== '' || this.#open !== kind) this.#parts++;
    this.#open = undefined;
    this.#said.push(this.#calls.marked(part));
  }

  #whole(part: Fields): void {
    const { text, thought, ...more } = part;
    if (typeof text === 'string' && thought !== true && Object.keys(more).length === 0) this.text(text);
    else this.piece(part);
  }

  #run(): TextRun | undefined {
    return this.#open === 'text' ? this.#runs.at(-1) : undefined;
  }
}
