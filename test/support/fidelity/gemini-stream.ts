import { geminiEnd, geminiHead, geminiParts, geminiUsage } from './gemini-answers.ts';

/** An event with one part. */
function said(part: object, more: object = {}): { readonly data: object } {
  return { data: { candidates: [{ content: { role: 'model', parts: [part] }, index: 0, ...more }], ...geminiHead } };
}

const [thought, text, code, ran, call] = geminiParts;

/** The events of a streamed Gemini answer with values that stand nowhere else; what is cited is said last. */
export const geminiStream: readonly { readonly data: object }[] = [
  said(thought),
  said(code),
  said(ran),
  said(call),
  said(text),
  {
    data: {
      candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, ...geminiEnd }],
      usageMetadata: geminiUsage,
      ...geminiHead,
    },
  },
];
