import { alphanumeric, randomFor, wholeBetween } from '../draws.ts';
import { firstTokens } from '../limits.ts';
import { plainWords, usualLength, writeProse } from '../prose/prose.ts';
import { shortened } from '../prose/quote.ts';
import { valueForSchema } from '../schema/value.ts';
import { type Piece, piecesOf } from '../tokenizer.ts';
import { toolsToCall } from '../tools.ts';
import type { AnswerPart, Composition } from './answer.ts';
import type { ComposeBrief } from './brief.ts';
import { type HostedRun, runHosted } from './hosted.ts';
import type { Part } from './parts.ts';

/** Words for tests, as Google documents none. */
export const BLOCKS_PROMPT = 'SIM_BLOCK_PROMPT';
const BLOCKS_ANSWER = 'SIM_BLOCK_ANSWER';
const BREAKS_CALL = 'SIM_MALFORMED_CALL';

const CALLED = 'Model generated function call(s).';
const BLOCKED_TOKENS = 8;

/** The whole answer as the model would give it. The same request gives the same words. */
export function compose(brief: ComposeBrief): Composition {
  const { turn, seed } = brief;
  const parts: AnswerPart[] = thoughts(brief);
  if (turn.userText.includes(BLOCKS_ANSWER)) {
    const pieces = firstTokens(
      writeProse({ random: randomFor(seed, 'text'), echo: [], tokensMin: 20 }),
      BLOCKED_TOKENS,
    );
    return { parts: [...parts, { kind: 'text', pieces }], finish: 'SAFETY', foundTokens: 0 };
  }
  const hosted = runHosted(brief, randomFor(seed, 'hosted'));
  if (hosted !== undefined) {
    const { grounding, readUrls, foundTokens } = hosted;
    return {
      parts: [...parts, ...hosted.parts, text(brief, hosted)],
      finish: 'STOP',
      foundTokens,
      ...(grounding === undefined ? {} : { grounding }),
      ...(readUrls === undefined ? {} : { readUrls }),
    };
  }
  const calls = callParts(brief);
  if (calls.length === 0) return { parts: [...parts, text(brief)], finish: 'STOP', foundTokens: 0 };
  if (turn.userText.includes(BREAKS_CALL)) {
    const finishMessage = `Malformed function call: call:${calls[0]?.name}{`;
    return { parts, finish: 'MALFORMED_FUNCTION_CALL', finishMessage, foundTokens: 0 };
  }
  return { parts: [...parts, ...calls], finish: 'STOP', finishMessage: CALLED, foundTokens: 0 };
}

/** How much a model thinks that only does so when it is asked to. */
const THOUGHT_TOKENS = { min: 24, max: 80 };

/** Who thinks does so before every answer, after tools too. */
function thoughts({ request, model, seed, words, context }: ComposeBrief): AnswerPart[] {
  const { budgetTokens } = request.config.thinking;
  if (budgetTokens === 0) return [];
  const { min, max } = model.reasoningTokens ?? THOUGHT_TOKENS;
  const random = randomFor(seed, 'thinking');
  const tokensMin = wholeBetween(random, min, max);
  const echo = words.flatMap((word) => context.tokens.pieces(` ${word}`));
  return [{ kind: 'thought', pieces: firstTokens(writeProse({ random, echo, tokensMin }), budgetTokens) }];
}

type CallPart = AnswerPart & { kind: 'call' };

const ID_CHARS = 8;

/** Calls that fit the tools' schemas. A model that thinks unasked gives them ids, as later ones do. */
function callParts({ request, turn, context, seed, words, model }: ComposeBrief): CallPart[] {
  const { toolChoice, allowed } = request.calling;
  if (turn.continues) return [];
  const wish = { tools: allowed, toolChoice, parallelTools: true, answersTool: turn.responses.length > 0 };
  return toolsToCall(wish, turn.userText, randomFor(seed, 'tools')).map(({ name, parameters }, position) => {
    const schema = parameters ?? { type: 'object', properties: {} };
    const args = valueForSchema(schema, randomFor(seed, 'arguments', position), words);
    const id = model.reasoningTokens === undefined ? {} : { id: alphanumeric(context.random, ID_CHARS).toLowerCase() };
    const tokens = context.tokens.count(name) + context.tokens.count(JSON.stringify(args));
    return { kind: 'call', name, object: { functionCall: { name, args, ...id } }, tokens };
  });
}

function text(brief: ComposeBrief, hosted?: HostedRun): AnswerPart {
  const { request, turn, seed, words, context, model } = brief;
  const random = randomFor(seed, 'text');
  const { json } = request.config;
  if (json === true) {
    const value = { answer: plainWords(random, 6), about: words, confident: random.float() < 0.5 };
    return { kind: 'text', pieces: piecesOf(JSON.stringify(value)) };
  }
  if (json !== undefined)
    return { kind: 'text', pieces: piecesOf(JSON.stringify(valueForSchema(json, random, words))) };
  const tokensMin = Math.max(usualLength(random, model.answerTokens), brief.textTokensMin);
  const prose = (echo: readonly Piece[]) => writeProse({ random, echo, tokensMin });
  const lead = hosted?.lead ?? leadIn(turn.responses, turn.files);
  if (lead !== '') return { kind: 'text', pieces: [...piecesOf(lead), ...prose([])] };
  if (turn.continues) return { kind: 'text', pieces: prose([]) };
  return { kind: 'text', pieces: prose(words.flatMap((word) => context.tokens.pieces(` ${word}`))) };
}

/** What shows that the last content was read: what tools answered, and files. */
function leadIn(responses: readonly Part[], files: number): string {
  const answered = responses.map(responseText);
  const seen = files === 0 ? [] : [`Looking at ${counted(files)}.`];
  return [...answered, ...seen].map((sentence) => `${sentence} `).join('');
}

function responseText({ text: said, failed, files = 0 }: Part): string {
  const shown = files === 0 ? shortened(said) : `${shortened(said)} [${counted(files)}]`;
  return `The tool ${failed === true ? 'failed' : 'returned'}: ${shown}`;
}

function counted(files: number): string {
  return `${files} file${files === 1 ? '' : 's'}`;
}
