import { ANSWER_TEXT, type StreamWire } from './wire.ts';

/** What goes over the wire in Gemini: the same texts and counts as in Chat Completions. */
const TAIL = { modelVersion: 'gpt-4o-mini', responseId: 'bench0123456789' } as const;

function usage(prompt: number, candidates: number): object {
  return {
    promptTokenCount: prompt,
    ...(candidates === 0 ? {} : { candidatesTokenCount: candidates }),
    totalTokenCount: prompt + candidates,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: prompt }],
  };
}

function candidate(text: string, finish: object = {}): object {
  return { content: { parts: [{ text }], role: 'model' }, ...finish, index: 0 };
}

const STOP = { finishReason: 'STOP' } as const;

export const GEMINI_ANSWER = JSON.stringify({
  candidates: [candidate(ANSWER_TEXT, STOP)],
  usageMetadata: usage(19, 36),
  ...TAIL,
});

/** Lines end as the API ends them. */
function event(data: object): string {
  return `data: ${JSON.stringify(data)}\r\n\r\n`;
}

const MARK = '*';
const [HEAD = '', END = ''] = event({ candidates: [candidate(MARK)], usageMetadata: usage(9, 0), ...TAIL }).split(MARK);

export const GEMINI_STREAM: StreamWire = {
  opening: [],
  frameHead: HEAD,
  frameTail: END,
  closing: () => [event({ candidates: [candidate('', STOP)], usageMetadata: usage(9, 100), ...TAIL })],
};
