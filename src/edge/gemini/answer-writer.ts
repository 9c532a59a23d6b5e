import type { AnswerChoice, ChatAnswer } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity } from '../../protocol/chat/codec.ts';
import type { Fields } from '../../providers/fields.ts';
import { ownRest } from '../../providers/gemini/wire.ts';
import { endedCandidate, responseHead } from './candidate.ts';
import { gaveUp } from './gave-up.ts';
import { type CitedText, placedIn } from './grounding-writer.ts';
import { answerParts } from './part-writer.ts';
import { AnswerCalls } from './seals.ts';
import { usageRest, writeUsage } from './usage-writer.ts';

/**
 * A whole answer as a `GenerateContentResponse`.
 *
 * @throws `upstream_error` for an answer that its provider gave up
 */
export function writeAnswer(answer: ChatAnswer, identity: AnswerIdentity): Buffer {
  const { choices, usage, rest } = answer;
  if (choices.length === 0) throw gaveUp('without any choice');
  const blocked = choices.map(({ finish }) => ownRest(finish.rest)?.['promptFeedback']).find(Boolean);
  const usageMetadata = writeUsage(usage, usageRest(rest));
  const response = {
    ...(blocked === undefined ? { candidates: choices.map(candidateOf) } : { promptFeedback: blocked }),
    ...(usageMetadata === undefined ? {} : { usageMetadata }),
    ...responseHead(answer, identity),
  };
  return Buffer.from(JSON.stringify(response));
}

function candidateOf({ index, parts, finish, logprobs, rest }: AnswerChoice): Fields {
  const run = new PartRun();
  const calls = new AnswerCalls();
  for (const part of parts) {
    const citations = part.type === 'text' ? (part.citations ?? []) : [];
    for (const each of answerParts(part)) run.add(calls.marked(each), citations);
  }
  return endedCandidate({ index, finish, rest, texts: run.texts, logprobs }, run.parts, run.parts.length);
}

/** A candidate's parts: texts that follow each other are one, because elsewhere a text ends where what it rests on changes. */
class PartRun {
  readonly parts: Fields[] = [];
  readonly texts: CitedText[] = [];

  add(part: Fields, citations: CitedText['citations']): void {
    const { text, thought, ...more } = part;
    if (typeof text !== 'string' || thought === true) this.parts.push(part);
    else if (text !== '' || Object.keys(more).length > 0) this.#addText(part, text, citations);
  }

  #addText(part: Fields, text: string, citations: CitedText['citations']): void {
    const last = this.parts.at(-1);
    const before = last !== undefined && isBareText(last) ? last.text : undefined;
    if (before === undefined) this.parts.push(part);
    else this.parts[this.parts.length - 1] = { ...part, text: before + text };
    this.#cite(before ?? '', text, citations);
  }

  #cite(before: string, text: string, citations: CitedText['citations']): void {
    const partIndex = this.parts.length - 1;
    const known = this.texts.at(-1)?.partIndex === partIndex ? this.texts.pop() : undefined;
    const placed = citations.map((citation) => placedIn(citation, before.length, text.length));
    this.texts.push({ text: before + text, partIndex, citations: [...(known?.citations ?? []), ...placed] });
  }
}

function isBareText(part: Fields): part is { readonly text: string } {
  return typeof part['text'] === 'string' && Object.keys(part).length === 1;
}
