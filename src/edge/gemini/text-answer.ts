import type { TextAnswerFacts } from '../../exchange/dialect.ts';
import type { StreamForm } from './address.ts';
import { ARRAY_CONTENT_TYPE, ArrayForm } from './array-form.ts';

/** An answer of the gateway's own words in the place of a model's: nothing was used, and each count is 0. */
export function textAnswer(
  text: string,
  { id, model, at, stream }: TextAnswerFacts,
  form: StreamForm,
): { contentType: string; body: Buffer } {
  const answer = JSON.stringify({
    candidates: [{ content: { parts: [{ text }], role: 'model' }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 },
    modelVersion: model,
    createTime: new Date(at).toISOString(),
    responseId: id.replace(/^call_/, ''),
  });
  if (!stream) return { contentType: ARRAY_CONTENT_TYPE, body: Buffer.from(answer) };
  if (form === 'sse') return { contentType: 'text/event-stream', body: Buffer.from(`data: ${answer}\r\n\r\n`) };
  const array = new ArrayForm();
  return { contentType: ARRAY_CONTENT_TYPE, body: Buffer.from(array.element(answer) + array.end()) };
}
