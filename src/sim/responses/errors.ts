import { openAiVoice, usualError } from '../openai/errors.ts';
import type { Voice } from '../script.ts';

/** What a stream says when it fails, as members of its `error` event. */
export function streamError(
  status: number,
  detail: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const usual = usualError(status);
  const code = status === 429 ? 'rate_limit_exceeded' : (usual.code ?? 'server_error');
  return { type: usual.type, code, message: usual.message, param: usual.param, ...detail };
}

/** How faults speak Responses where they have no stream at hand: bodies and heads are those of all of OpenAI's API. */
export const responsesVoice: Voice = {
  ...openAiVoice,
  errorEvent(status, detail) {
    const data = { type: 'error', sequence_number: 0, error: streamError(status, detail) };
    return `event: error\ndata: ${JSON.stringify(data)}\n\n`;
  },
  deltaEvent(delta) {
    const place = { item_id: 'msg_0', output_index: 0, content_index: 0, sequence_number: 0 };
    const data = { type: 'response.output_text.delta', ...place, delta, logprobs: [] };
    return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  },
};
