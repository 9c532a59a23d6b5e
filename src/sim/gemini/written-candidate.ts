import type { Random } from '../../kernel/random.ts';
import { hashText } from '../draws.ts';
import type { JsonObject } from '../json-object.ts';
import { candidates as likelyTokens } from '../openai/logprobs.ts';
import { type Piece, vocabularySize } from '../tokenizer.ts';
import { type AnswerPart, type Candidate, candidateText, type Grounding } from './answer.ts';

/** How one candidate stands on the wire. */
export interface CandidateWriter {
  /** Whether thoughts are told. */
  readonly thoughtsShown: boolean;
  /** The most likely tokens told beside each; absent: none are told. */
  readonly logprobs?: number;
}

/** The whole candidate of an answer that is not streamed. An answer that never began has no parts. */
export function wholeCandidate(candidate: Candidate, writer: CandidateWriter, random: Random): JsonObject {
  const told = candidate.parts.filter(({ kind }) => kind !== 'thought' || writer.thoughtsShown);
  const parts = told.map((part) => ({ ...partObject(part), ...signatureOn(candidate, part) }));
  const textAt = told.findIndex(({ kind }) => kind === 'text');
  const pieces = told.flatMap((part) => (part.kind === 'text' ? part.pieces : []));
  return {
    content: parts.length === 0 ? { role: 'model' } : { parts, role: 'model' },
    ...candidateEnd(candidate, textAt),
    ...(writer.logprobs === undefined ? {} : logprobsOf(pieces, writer.logprobs, random)),
  };
}

/** A part of its own, before its signature. */
export function partObject(part: AnswerPart): JsonObject {
  if (part.kind === 'whole' || part.kind === 'call') return part.object;
  const text = part.pieces.map((piece) => piece.text).join('');
  return part.kind === 'thought' ? { text, thought: true } : { text };
}

export function signatureOn({ signature }: Candidate, part: AnswerPart): { thoughtSignature?: string } {
  return signature?.on === part ? { thoughtSignature: signature.value } : {};
}

/** @see https://ai.google.dev/gemini-api/docs/safety-settings (read 2026-11-22) */
const RATINGS = ['SEXUALLY_EXPLICIT', 'HATE_SPEECH', 'HARASSMENT', 'DANGEROUS_CONTENT'] as const;

export function safetyRatings(): JsonObject[] {
  return RATINGS.map((name) => {
    const category = `HARM_CATEGORY_${name}`;
    if (name !== 'DANGEROUS_CONTENT') return { category, probability: 'NEGLIGIBLE' };
    return { category, probability: 'HIGH', blocked: true };
  });
}

/**
 * Why a candidate ended, and what goes with its end.
 *
 * @param partIndex of the text that is grounded, where there are parts before it
 */
export function candidateEnd(candidate: Candidate, partIndex = 0): JsonObject {
  const { finish, finishMessage, index, grounding, readUrls } = candidate;
  return {
    finishReason: finish,
    index,
    ...(finishMessage === undefined ? {} : { finishMessage }),
    ...(finish === 'SAFETY' ? { safetyRatings: safetyRatings() } : {}),
    ...(grounding === undefined
      ? {}
      : { groundingMetadata: groundingMetadata(grounding, candidateText(candidate), partIndex) }),
    ...(readUrls === undefined ? {} : { urlContextMetadata: { urlMetadata: readUrls.map(urlMetadata) } }),
  };
}

function urlMetadata(url: string): JsonObject {
  return { retrievedUrl: url, urlRetrievalStatus: 'URL_RETRIEVAL_STATUS_SUCCESS' };
}

function groundingMetadata({ query, pages, passage }: Grounding, text: string, partIndex: number): JsonObject {
  const at = text.indexOf(passage);
  const startIndex = Buffer.byteLength(text.slice(0, at));
  const segment = {
    ...(partIndex > 0 ? { partIndex } : {}),
    ...(startIndex === 0 ? {} : { startIndex }),
    endIndex: startIndex + Buffer.byteLength(passage),
    text: passage,
  };
  return {
    searchEntryPoint: { renderedContent: `<div class="container"><a class="chip">${query}</a></div>` },
    groundingChunks: pages.map((web) => ({ web })),
    // An answer that was cut short may not have come to its passage.
    groundingSupports: at < 0 ? [] : [{ segment, groundingChunkIndices: [0] }],
    webSearchQueries: [query],
  };
}

export function logprobsOf(pieces: readonly Piece[], top: number, random: Random): JsonObject {
  if (pieces.length === 0) return {};
  const lists = pieces.map((piece) => likelyTokens(piece, Math.max(1, top), random));
  const said = ({ text, logprob }: { text: string; logprob: number }) => ({
    token: text,
    tokenId: hashText(text) % vocabularySize(),
    logProbability: logprob,
  });
  const chosenCandidates = lists.flatMap(([chosen]) => (chosen === undefined ? [] : [said(chosen)]));
  const sum = chosenCandidates.reduce((total, { logProbability }) => total + logProbability, 0);
  return {
    avgLogprobs: sum / chosenCandidates.length,
    logprobsResult: {
      ...(top === 0 ? {} : { topCandidates: lists.map((list) => ({ candidates: list.slice(0, top).map(said) })) }),
      chosenCandidates,
      logProbabilitySum: sum,
    },
  };
}
