import type { TokenLogprob } from '../../protocol/chat/answer.ts';
import { type Fields, isFields, numberIn, textIn } from '../fields.ts';
import { objectsIn } from './wire.ts';

/** The probabilities of a candidate's tokens, or of those of one event; `undefined` where there are none. */
export function readLogprobs(value: unknown): readonly TokenLogprob[] | undefined {
  if (!isFields(value)) return undefined;
  const chosen = objectsIn(value['chosenCandidates']);
  if (chosen.length === 0) return undefined;
  const alternatives = objectsIn(value['topCandidates']);
  return chosen.map((token, at): TokenLogprob => {
    const top = alternatives[at];
    return top === undefined ? tokenOf(token) : { ...tokenOf(token), top: objectsIn(top['candidates']).map(tokenOf) };
  });
}

/** A probability of 1 has the logarithm 0, which is not written out. */
function tokenOf(fields: Fields): TokenLogprob {
  return { token: textIn(fields, 'token') ?? '', logprob: numberIn(fields, 'logProbability') ?? 0 };
}
