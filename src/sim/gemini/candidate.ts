import { hashText, mixed } from '../draws.ts';
import { echoWords } from '../prose/prose.ts';
import { type Candidate, candidateText } from './answer.ts';
import { type LimitedAnswer, limitedAnswer } from './answer-limits.ts';
import type { ComposeBrief } from './brief.ts';
import { compose } from './compose.ts';
import type { GenerateContext } from './generate-context.ts';
import type { GenerateRequest } from './request.ts';
import { thoughtSignature } from './signatures.ts';
import { turnOf } from './turn.ts';

/** One alternative of an answer, as far as its limits let it come. */
export function writeCandidate(
  request: GenerateRequest,
  promptTokens: number,
  context: GenerateContext,
  index: number,
): Candidate {
  const { call, model } = context;
  const turn = turnOf(request);
  const { overrunTokens } = call.shape;
  const room = model.contextTokensMax - promptTokens;
  const tokensMax = Math.min(request.config.tokensMax, room) + overrunTokens;
  const brief: ComposeBrief = {
    request,
    turn,
    model,
    context: call,
    seed: mixed(contentSeed(call.seed, model.id, request), index),
    words: echoWords(turn.userText),
    textTokensMin: overrunTokens > 0 ? tokensMax + 1 : 0,
  };
  const answer = limitedAnswer(compose(brief), tokensMax, request.config.stops);
  return { ...answer, index, ...signatureOf(answer, context) };
}

/** Of parallel calls the first is signed; of an answer without one its last words, where a thought led to them. */
function signatureOf(answer: LimitedAnswer, { model, seal }: GenerateContext): Pick<Candidate, 'signature'> {
  const { parts } = answer;
  const thought = parts
    .flatMap((part) => (part.kind === 'thought' ? part.pieces.map(({ text }) => text) : []))
    .join('');
  // A model that thinks unasked signs its calls even where it was told not to think.
  if (thought === '' && model.reasoningTokens === undefined) return {};
  const call = parts.find((part) => part.kind === 'call');
  if (call !== undefined) {
    return { signature: { on: call, value: thoughtSignature(seal, { call: call.name }, thought) } };
  }
  const last = parts.findLast(({ kind }) => kind === 'text');
  if (last === undefined || thought === '' || candidateText(answer) === '') return {};
  return { signature: { on: last, value: thoughtSignature(seal, 'words', thought) } };
}

/** Everything the words of an answer hang on. Whether it is streamed is not part of it. */
function contentSeed(seed: number, model: string, { contents, config }: GenerateRequest): number {
  let hash = mixed(hashText(model, seed), config.seed);
  for (const { role, parts } of contents) {
    for (const { text } of parts) hash = hashText(text, mixed(hash, role.length));
  }
  return hash;
}
