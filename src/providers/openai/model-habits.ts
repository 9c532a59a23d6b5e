/**
 * What OpenAI's models are known to refuse, by their names: nothing in the
 * dialect tells it. Names may stand behind a vendor's (`openai/gpt-5`).
 *
 * @see https://platform.openai.com/docs/guides/reasoning and https://platform.openai.com/docs/guides/latest-model (read 2026-11-21)
 */
const THINKING = /^(?:.*\/)?(?:o[1-9]|gpt-5(?!-chat)(?:-|$)|gpt-5\.\d+-(?:pro|codex))/i;
const FROM_5_1 = /^(?:.*\/)?gpt-(?:5\.[1-9]|[6-9])(?!.*-(?:pro|codex|chat))/i;
const FROM_5_2 = /^(?:.*\/)?gpt-(?:5\.(?:[2-9]|1\d|1-codex-max)|[6-9])/i;

/** Models that always think take neither temperature nor stop sequences. */
export function refusesSampling(model: string): boolean {
  return THINKING.test(model);
}

/** Whether a model can be told not to think: GPT-5.1 and those after it. */
export function takesNoEffort(model: string): boolean {
  return FROM_5_1.test(model);
}

/** Whether a model knows efforts above `high`: GPT-5.2 and those after it. */
export function takesMostEffort(model: string): boolean {
  return FROM_5_2.test(model);
}
