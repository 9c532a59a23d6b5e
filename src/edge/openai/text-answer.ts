import type { TextAnswerFacts } from '../../exchange/dialect.ts';

/** An answer of the gateway's own words in the place of a model's: nothing was used, so no usage is told. */
export function chatTextAnswer(text: string, facts: TextAnswerFacts): { contentType: string; body: Buffer } {
  return written(facts, 'chat.completion', (object) =>
    facts.stream
      ? [
          { ...object, choices: [{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }] },
          { ...object, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
        ]
      : [{ ...object, choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }] }],
  );
}

/** The same in the older form. */
export function completionTextAnswer(text: string, facts: TextAnswerFacts): { contentType: string; body: Buffer } {
  return written(facts, 'text_completion', (object) => [
    { ...object, choices: [{ index: 0, text, logprobs: null, finish_reason: 'stop' }] },
  ]);
}

interface Envelope {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
}

function written(
  { id, model, at, stream }: TextAnswerFacts,
  object: 'chat.completion' | 'text_completion',
  objectsOf: (envelope: Envelope) => readonly object[],
): { contentType: string; body: Buffer } {
  const kind = stream && object === 'chat.completion' ? 'chat.completion.chunk' : object;
  const objects = objectsOf({ id, object: kind, created: Math.floor(at / 1_000), model }).map((each) =>
    JSON.stringify(each),
  );
  if (!stream) return { contentType: 'application/json', body: Buffer.from(objects.join('')) };
  const events = [...objects, '[DONE]'].map((data) => `data: ${data}\n\n`);
  return { contentType: 'text/event-stream; charset=utf-8', body: Buffer.from(events.join('')) };
}
