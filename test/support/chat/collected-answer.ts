import type { Draft } from '../../../src/kernel/draft.ts';
import type { AnswerChoice, ChatAnswer, Finish, StreamEvent, TokenLogprob } from '../../../src/protocol/chat/answer.ts';
import type { ContentPart } from '../../../src/protocol/chat/content.ts';

interface Collected {
  readonly parts: Draft<ContentPart>[];
  readonly open: Set<number>;
  finish: Finish | undefined;
  rest: AnswerChoice['rest'];
  logprobs: TokenLogprob[];
  refusalLogprobs: TokenLogprob[];
}

/**
 * The whole answer that events tell. Fails on what the list of events forbids:
 * a delta of a part that is not open, a part that begins twice or out of
 * order, a choice that ends with a part open, anything but usage after the end.
 */
export function collectedAnswer(events: readonly StreamEvent[]): ChatAnswer {
  const answer: Draft<ChatAnswer> = { choices: [] };
  const choices = new Map<number, Collected>();
  let over = false;
  for (const event of events) {
    if (over && event.type !== 'usage-update' && event.type !== 'ping') throw new Error(`${event.type} after the end`);
    if (event.type === 'answer-end') over = true;
    else if (event.type === 'answer-start') {
      const { type: _, ...head } = event;
      Object.assign(answer, head);
    } else if (event.type === 'usage-update') answer.usage = event.usage;
    else if (event.type === 'answer-error') throw event.error;
    else if (event.type !== 'ping') add(event, choiceOf(choices, event.choice));
  }
  if (!over) throw new Error('the stream has no end');
  return { ...answer, choices: [...choices].sort(([one], [other]) => one - other).map(whole) };
}

function choiceOf(choices: Map<number, Collected>, index: number): Collected {
  let choice = choices.get(index);
  if (choice === undefined) {
    choice = { parts: [], open: new Set(), finish: undefined, rest: undefined, logprobs: [], refusalLogprobs: [] };
    choices.set(index, choice);
  }
  return choice;
}

function whole([index, { parts, open, finish, rest, logprobs, refusalLogprobs }]: [number, Collected]): AnswerChoice {
  if (open.size > 0) throw new Error(`choice ${index} ends with parts open`);
  if (finish === undefined) throw new Error(`choice ${index} does not say why it ended`);
  return {
    index,
    parts,
    finish,
    ...(rest === undefined ? {} : { rest }),
    ...(logprobs.length === 0 ? {} : { logprobs }),
    ...(refusalLogprobs.length === 0 ? {} : { refusalLogprobs }),
  };
}

type ChoiceEvent = Extract<StreamEvent, { readonly choice: number }>;

function add(event: ChoiceEvent, choice: Collected): void {
  switch (event.type) {
    case 'choice-finish':
      if (choice.finish !== undefined) throw new Error('a choice ends twice');
      choice.finish = event.finish;
      choice.rest = event.rest;
      return;
    case 'logprobs-add':
      (event.of === 'text' ? choice.logprobs : choice.refusalLogprobs).push(...event.logprobs);
      return;
    case 'part-add':
      begin(choice, event.part, event.content);
      choice.open.delete(event.part);
      return;
    case 'part-end':
      if (!choice.open.delete(event.part)) throw new Error(`part ${event.part} ends and is not open`);
      return;
    default:
      addToPart(event, choice);
  }
}

function addToPart(
  event: Exclude<ChoiceEvent, { type: 'choice-finish' | 'logprobs-add' | 'part-add' | 'part-end' }>,
  choice: Collected,
): void {
  switch (event.type) {
    case 'text-start':
      return begin(choice, event.part, {
        type: 'text',
        text: '',
        ...(event.citations && { citations: event.citations }),
      });
    case 'refusal-start':
      return begin(choice, event.part, { type: 'refusal', text: '' });
    case 'reasoning-start': {
      const { type: _, choice: __, part, ...more } = event;
      return begin(choice, part, { type: 'reasoning', ...more });
    }
    case 'tool-call-start': {
      const { type: _, choice: __, part, ...more } = event;
      return begin(choice, part, { type: 'tool-call', ...more, arguments: '' });
    }
    case 'hosted-call-start':
      return begin(choice, event.part, event.call);
    case 'citation-add': {
      const part = openPart(choice, event.part);
      if (part.type !== 'text') throw new Error('a citation on what is no text');
      part.citations = [...(part.citations ?? []), event.citation];
      return;
    }
    case 'signature-add': {
      const part = openPart(choice, event.part);
      if (part.type === 'reasoning' && event.encrypted === true) part.encrypted = event.signature;
      else if (part.type === 'reasoning' || part.type === 'text' || part.type === 'tool-call') {
        part.signature = event.signature;
      } else throw new Error(`a signature on a ${part.type}`);
      return;
    }
    case 'arguments-delta': {
      const part = openPart(choice, event.part);
      if (part.type !== 'tool-call' && part.type !== 'hosted-call') throw new Error('arguments of what is no call');
      part.arguments += event.text;
      return;
    }
    default: {
      const part = openPart(choice, event.part);
      if (`${part.type}-delta` !== event.type) throw new Error(`${event.type} on a ${part.type}`);
      (part as { text?: string }).text = ((part as { text?: string }).text ?? '') + event.text;
    }
  }
}

function begin(choice: Collected, part: number, content: ContentPart): void {
  if (part !== choice.parts.length) throw new Error(`part ${part} begins where ${choice.parts.length} would`);
  choice.parts.push({ ...content });
  choice.open.add(part);
}

function openPart(choice: Collected, part: number): Draft<ContentPart> {
  const found = choice.parts[part];
  if (found === undefined || !choice.open.has(part)) throw new Error(`part ${part} is not open`);
  return found;
}
