import type { AnswerChoice, ChatAnswer } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity } from '../../protocol/chat/codec.ts';
import type { ContentPart, ToolCallPart } from '../../protocol/chat/content.ts';
import { annotationsJson } from '../../providers/openai/annotations.ts';
import { spokenAudioJson } from '../../providers/openai/assistant-message.ts';
import { finishWord } from '../../providers/openai/finish.ts';
import { logprobsJson } from '../../providers/openai/logprobs.ts';
import { mediaUrl } from '../../providers/openai/media.ts';
import { reasoningDetails, reasoningText } from '../../providers/openai/reasoning.ts';
import { toolCallJson } from '../../providers/openai/tool-calls.ts';
import { isObject, ownFields, ownRestOf, type WireObject, withRest } from '../../providers/openai/wire.ts';
import { tierWord } from '../openai-tiers.ts';
import { usageJson } from './usage-json.ts';

/** A whole answer as a client of this dialect reads it, with every member that strict clients ask for. */
export function answerJson(answer: ChatAnswer, identity: AnswerIdentity): WireObject {
  const tier = tierWord(answer.serviceTier ?? answer.usage?.serviceTier);
  const written: Record<string, unknown> = {
    id: identity.id,
    object: 'chat.completion',
    created: answer.createdAt ?? Math.floor(identity.at / 1000),
    model: answer.model ?? identity.model,
    choices: answer.choices.map(choiceJson),
    ...(answer.usage === undefined ? {} : { usage: usageJson(answer.usage) }),
    ...(tier === undefined ? {} : { service_tier: tier }),
  };
  withRest(written, answer.rest);
  written['system_fingerprint'] ??= null;
  return written;
}

function choiceJson(choice: AnswerChoice): WireObject {
  const { message: more, ...rest } = ownFields(choice.rest);
  const message = messageJson(choice.parts);
  return withRest(
    {
      index: choice.index,
      message: isObject(more) ? withRest(message, ownRestOf(more)) : message,
      // Probabilities in another form than OpenAI's stand in the rest.
      logprobs:
        rest['logprobs'] ??
        logprobsJson({
          ...(choice.logprobs === undefined ? {} : { content: choice.logprobs }),
          ...(choice.refusalLogprobs === undefined ? {} : { refusal: choice.refusalLogprobs }),
        }),
      finish_reason: finishWord(choice.finish),
    },
    ownRestOf(rest),
  );
}

/** What one choice says, in the one order in which this dialect says it. */
function messageJson(parts: readonly ContentPart[]): Record<string, unknown> {
  const refusal = joined(parts, 'refusal');
  const content = joined(parts, 'text');
  const calls = parts.filter((part): part is ToolCallPart => part.type === 'tool-call');
  const audio = parts.find((part) => part.type === 'audio');
  const details = reasoningDetails(parts);
  const thought = reasoningText(parts);
  const images = parts.flatMap((part) => imageJson(part));
  const silent = refusal === null && calls.length === 0 && audio === undefined;
  return {
    role: 'assistant',
    content: content ?? (silent ? '' : null),
    refusal,
    annotations: annotationsOf(parts),
    ...(thought === undefined ? {} : { reasoning_content: thought }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(audio === undefined ? {} : { audio: spokenAudioJson(audio) }),
    ...(images.length === 0 ? {} : { images }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCallJson) }),
  };
}

/** A picture that an answer shows, in OpenRouter's form. */
export function imageJson(part: ContentPart): WireObject[] {
  if (part.type !== 'image') return [];
  const url = mediaUrl(part.source);
  return url === undefined ? [] : [withRest({ type: 'image_url', image_url: { url } }, part.rest)];
}

function joined(parts: readonly ContentPart[], type: 'text' | 'refusal'): string | null {
  const texts = parts.flatMap((part) => (part.type === type ? [part.text] : []));
  return texts.length === 0 ? null : texts.join('');
}

/** Each citation stands over the text that makes it. */
function annotationsOf(parts: readonly ContentPart[]): WireObject[] {
  let start = 0;
  return parts.flatMap((part) => {
    if (part.type !== 'text') return [];
    const range = { start, end: start + part.text.length };
    start = range.end;
    return annotationsJson(part.citations ?? [], range);
  });
}
