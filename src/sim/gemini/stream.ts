import type { Random } from '../../kernel/random.ts';
import type { Shape } from '../dialect.ts';
import type { JsonObject } from '../json-object.ts';
import { drawSumMs, type Latency } from '../latency.ts';
import { endlessProse } from '../prose/prose.ts';
import type { StreamEvent } from '../script.ts';
import type { Piece } from '../tokenizer.ts';
import { type AnswerPart, type Candidate, partTokens } from './answer.ts';
import { type ResponseTail, responseJson } from './chunks.ts';
import { type GeminiUsage, usageJson } from './usage.ts';
import { type CandidateWriter, candidateEnd, logprobsOf, partObject, signatureOn } from './written-candidate.ts';

export interface StreamBrief {
  readonly candidates: readonly Candidate[];
  /** What the whole answer uses. */
  readonly usage: GeminiUsage;
  readonly tail: ResponseTail;
  readonly writer: CandidateWriter;
  readonly shape: Shape;
  readonly latency: Latency;
  readonly random: Random;
}

type Events = Generator<StreamEvent, void, undefined>;

/**
 * The chunks of a streamed answer as JSON, each a whole response of its own. The
 * candidates follow one another; the finish reason of the last one is what
 * says that the stream is complete.
 */
export function* chunkEvents(brief: StreamBrief): Events {
  const { candidates, shape } = brief;
  const counts = new RunningCounts(brief);
  for (const candidate of candidates) {
    const last = candidate === candidates.at(-1);
    for (const part of candidate.parts) yield* partEvents(brief, counts, candidate, part);
    if (last && shape.endless !== undefined) yield* endlessText(brief, counts, candidate.index);
    yield finishEvent(brief, counts, candidate, last);
  }
  if (shape.usagePlace === 'twice' || shape.usagePlace === 'after-done') {
    yield quiet('usage', responseJson({}, usageJson(brief.usage, shape), brief.tail));
  }
}

/** What was used so far: every chunk says it. */
class RunningCounts {
  readonly #brief: StreamBrief;
  #candidatesTokens = 0;
  #thoughtsTokens = 0;

  constructor(brief: StreamBrief) {
    this.#brief = brief;
  }

  add(tokens: number, thought: boolean): void {
    if (thought) this.#thoughtsTokens += tokens;
    else this.#candidatesTokens += tokens;
  }

  /** The usage of a chunk, where chunks tell it. */
  json(finishes: boolean): string | undefined {
    const { usage, shape } = this.#brief;
    if (shape.usagePlace === 'after-done' || (shape.usagePlace === 'finish' && !finishes)) return undefined;
    const soFar = { candidatesTokens: this.#candidatesTokens, thoughtsTokens: this.#thoughtsTokens };
    return usageJson({ ...usage, ...soFar }, shape);
  }
}

function* partEvents(brief: StreamBrief, counts: RunningCounts, candidate: Candidate, part: AnswerPart): Events {
  const { writer, random, latency } = brief;
  const thought = part.kind === 'thought';
  if (part.kind === 'whole' || part.kind === 'call') {
    const tokens = partTokens(part);
    counts.add(tokens, false);
    const object = { ...partObject(part), ...signatureOn(candidate, part) };
    const text = chunk(brief, counts, { content: { parts: [object], role: 'model' }, index: candidate.index });
    yield { afterMs: drawSumMs(latency.perToken, tokens, random), text, tokens, part: 'delta' };
    return;
  }
  for (const piece of part.pieces) {
    counts.add(piece.tokens, thought);
    const withheld = thought && !writer.thoughtsShown;
    const text = withheld ? '' : chunk(brief, counts, pieceCandidate(brief, part.kind, piece, candidate.index));
    const afterMs = drawSumMs(latency.perToken, piece.tokens, random);
    yield { afterMs, text, tokens: piece.tokens, part: withheld ? 'hidden' : 'delta', thought };
  }
}

function pieceCandidate(
  { writer, random }: StreamBrief,
  kind: 'text' | 'thought',
  piece: Piece,
  index: number,
): JsonObject {
  const part = kind === 'thought' ? { text: piece.text, thought: true } : { text: piece.text };
  const likely = kind === 'text' && writer.logprobs !== undefined ? logprobsOf([piece], writer.logprobs, random) : {};
  return { content: { parts: [part], role: 'model' }, index, ...likely };
}

/** The last chunk of a candidate has an empty text, which bears the signature of the words before it. */
function finishEvent(brief: StreamBrief, counts: RunningCounts, candidate: Candidate, last: boolean): StreamEvent {
  const { signature } = candidate;
  const signed = signature?.on.kind === 'text' ? { thoughtSignature: signature.value } : {};
  const content = { parts: [{ text: '', ...signed }], role: 'model' };
  const head = { candidates: [{ content, ...candidateEnd(candidate) }] };
  // Without it the stream is not whole, which is what a missing end means here.
  return quiet(last ? 'done' : 'finish', responseJson(head, counts.json(last), brief.tail));
}

function chunk(brief: StreamBrief, counts: RunningCounts, candidate: JsonObject): string {
  return responseJson({ candidates: [candidate] }, counts.json(false), brief.tail);
}

function* endlessText(brief: StreamBrief, counts: RunningCounts, index: number): Events {
  const afterMs = brief.shape.endless?.intervalMs ?? 0;
  for (const piece of endlessProse(brief.random)) {
    counts.add(piece.tokens, false);
    const text = chunk(brief, counts, pieceCandidate(brief, 'text', piece, index));
    yield { afterMs, text, tokens: piece.tokens, part: 'delta' };
  }
}

function quiet(part: StreamEvent['part'], text: string): StreamEvent {
  return { afterMs: 0, text, tokens: 0, part };
}
