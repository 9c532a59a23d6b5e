import type { Finish, TokenLogprob } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity } from '../../protocol/chat/codec.ts';
import type { Rest } from '../../protocol/chat/content.ts';
import { type Fields, isFields } from '../../providers/fields.ts';
import { ownRest } from '../../providers/gemini/wire.ts';
import { finishReason } from './finish-writer.ts';
import { type CitedText, groundingOf } from './grounding-writer.ts';

/** What a candidate says at its end, whole or streamed. */
export interface CandidateEnd {
  readonly index: number;
  readonly finish: Finish;
  readonly rest: Rest | undefined;
  readonly texts: readonly CitedText[];
  readonly logprobs: readonly TokenLogprob[] | undefined;
}

/** A candidate with its reason. @param parts its last ones, or all of it; @param saidParts how many it has in all */
export function endedCandidate(end: CandidateEnd, parts: readonly Fields[], saidParts: number): Fields {
  const { index, finish, rest, texts, logprobs } = end;
  const own = ownRest(rest) ?? {};
  // What a search found is told once: as its own dialect told it.
  const grounding =
    isFields(own['groundingMetadata']) || isFields(own['citationMetadata']) ? undefined : groundingOf(texts);
  return {
    content: { parts: parts.length === 0 && saidParts > 0 ? [{ text: '' }] : parts, role: 'model' },
    finishReason: finishReason(finish, saidParts),
    index,
    ...(grounding === undefined ? {} : { groundingMetadata: grounding }),
    ...(logprobs === undefined ? {} : { logprobsResult: logprobsJson(logprobs) }),
    ...own,
  };
}

export function logprobsJson(logprobs: readonly TokenLogprob[]): Fields {
  return {
    chosenCandidates: logprobs.map(tokenJson),
    topCandidates: logprobs.map(({ top = [] }) => ({ candidates: top.map(tokenJson) })),
  };
}

function tokenJson({ token, logprob }: Omit<TokenLogprob, 'top'>): Fields {
  return { token, logProbability: logprob };
}

interface Head {
  readonly id?: string;
  readonly model?: string;
  readonly createdAt?: number;
  readonly rest?: Rest;
}

/** What each response says of the answer that it is, or is a piece of. An id of another dialect's form names nothing here. */
export function responseHead({ id, model, createdAt, rest }: Head, identity: AnswerIdentity): Fields {
  const own = ownRest(rest);
  const { usageMetadata: _, ...more } = own ?? {};
  return {
    modelVersion: model ?? identity.model,
    responseId: own !== undefined && id !== undefined ? id : identity.id,
    ...(createdAt === undefined ? {} : { createTime: new Date(createdAt * 1_000).toISOString() }),
    ...more,
  };
}
