import { GatewayError } from '../../kernel/errors.ts';
import type { ChatAnswer } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity } from '../../protocol/chat/codec.ts';
import type { Rest } from '../../protocol/chat/content.ts';
import { writeFinish } from '../../providers/anthropic/finish.ts';
import { ownRest } from '../../providers/anthropic/wire.ts';
import type { Fields } from '../../providers/fields.ts';
import { answerBlocks } from './answer-blocks.ts';
import { usageRest, writeUsage } from './usage-writer.ts';

/**
 * A whole answer as a `message`. Of several choices it is the first: the
 * dialect knows one.
 *
 * @throws `upstream_error` for an answer that its provider gave up
 */
export function writeAnswer(answer: ChatAnswer, identity: AnswerIdentity): Buffer {
  const [choice] = answer.choices;
  if (choice === undefined) throw gaveUp('without any choice');
  if (choice.finish.reason === 'error') throw gaveUp(`with the reason ${choice.finish.said ?? 'error'}`);
  const { parts, finish } = choice;
  const written = writeFinish(finish, {
    toolCalls: parts.some(({ type }) => type === 'tool-call'),
    refused: parts.some(({ type }) => type === 'refusal'),
  });
  const message = {
    ...messageHead(answer, identity),
    content: parts.flatMap(answerBlocks),
    ...written,
    usage: writeUsage(answer.usage, answer.serviceTier, usageRest(answer.rest)),
  };
  return Buffer.from(JSON.stringify(message));
}

/** What a message begins with, whole or streamed. */
export function messageHead(
  { id, model, rest }: { readonly id?: string; readonly model?: string; readonly rest?: Rest },
  identity: AnswerIdentity,
): Fields {
  const own = ownRest(rest);
  // An id of another dialect's form would look like nothing that its clients know.
  const kept = id !== undefined && (own !== undefined || id.startsWith('msg_'));
  return {
    id: kept ? id : identity.id,
    type: 'message',
    role: 'assistant',
    model: model ?? identity.model,
    container: null,
    diagnostics: null,
    ...own,
  };
}

export function gaveUp(how: string): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider ended its answer ${how.slice(0, 200)}.`,
    summary: 'the provider ended its answer with an error',
    retry: 'other-target',
  });
}
