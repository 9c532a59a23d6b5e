import { GatewayError } from '../../kernel/errors.ts';
import type { AnswerChoice, ChatAnswer, Finish } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity } from '../../protocol/chat/codec.ts';
import type { Usage } from '../../protocol/usage.ts';
import type { WireObject } from '../../providers/openai/wire.ts';
import { ownFields } from '../../providers/responses/wire.ts';
import { tierWord } from '../openai-tiers.ts';
import { ItemList } from './item-list.ts';
import { OutputWriter } from './output-writer.ts';
import { echoOf } from './response-echo.ts';
import { usageJson } from './usage-writer.ts';

/**
 * A whole answer as a `response`, with every member that its clients take for
 * granted. Of several choices it is the first: the dialect knows one.
 *
 * @throws `upstream_error` for an answer that its provider gave up
 */
export function writeAnswer(answer: ChatAnswer, identity: AnswerIdentity): Buffer {
  const [choice] = answer.choices;
  if (choice === undefined) throw gaveUp('without any choice');
  if (choice.finish.reason === 'error') throw gaveUp(`with the reason ${choice.finish.said ?? 'error'}`);
  const ending = endingOf(
    choice.finish,
    choice.parts.some(({ type }) => type === 'refusal'),
  );
  const output = outputOf(choice, identity, ending.status);
  const whole = wholeResponse(responseHead(answer, identity), { ...ending, output, usage: answer.usage }, identity);
  return Buffer.from(JSON.stringify({ ...whole, ...ownFields(answer.rest) }));
}

function outputOf({ parts, logprobs }: AnswerChoice, identity: AnswerIdentity, status: Ending['status']) {
  const writer = new OutputWriter(new ItemList(identity));
  const last = parts.findLastIndex(({ type }) => type === 'text');
  for (const [part, content] of parts.entries()) {
    writer.take({ type: 'part-add', choice: 0, part, content });
    if (part === last && logprobs !== undefined) writer.probable(logprobs);
  }
  return writer.end(status);
}

/** What an answer begins with, whole or streamed, but for what it is going to say. */
export function responseHead(
  {
    model,
    createdAt,
    serviceTier,
  }: { readonly model?: string; readonly createdAt?: number; readonly serviceTier?: string },
  identity: AnswerIdentity,
): WireObject {
  return {
    id: identity.id,
    object: 'response',
    created_at: createdAt ?? Math.floor(identity.at / 1000),
    status: 'in_progress',
    completed_at: null,
    error: null,
    incomplete_details: null,
    model: model ?? identity.model,
    output: [],
    ...echoOf(identity.echo),
    service_tier: tierWord(serviceTier) ?? 'default',
    access_programs: null,
    usage: null,
  };
}

/** How an answer ended, in this dialect. */
export interface Ending {
  readonly status: 'completed' | 'incomplete';
  readonly incompleteReason?: string;
}

/** What is neither cut nor filtered is complete, also where a stop or a pause ended it. */
export function endingOf({ reason, said }: Finish, refused: boolean): Ending {
  if (reason === 'length' || reason === 'context-length') {
    return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
  }
  const filtered = reason === 'content-filter' || (reason === 'refusal' && !refused);
  if (filtered) return { status: 'incomplete', incompleteReason: 'content_filter' };
  const told = reason === 'other' && said === 'incomplete';
  return { status: told ? 'incomplete' : 'completed' };
}

interface Said extends Ending {
  readonly output: readonly WireObject[];
  readonly usage: Usage | undefined;
}

/** The answer at its end. */
export function wholeResponse(head: WireObject, said: Said, identity: AnswerIdentity): WireObject {
  const { status, incompleteReason, output, usage } = said;
  return {
    ...head,
    status,
    completed_at: status === 'completed' ? Math.max(Number(head['created_at']), Math.floor(identity.at / 1000)) : null,
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    output,
    service_tier: tierWord(usage?.serviceTier) ?? head['service_tier'],
    usage: usageJson(usage),
  };
}

export function gaveUp(how: string): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider ended its answer ${how.slice(0, 200)}.`,
    summary: 'the provider ended its answer with an error',
    retry: 'other-target',
  });
}
