import type { AdminParts } from '../admin-parts.ts';
import type { Answer, Question } from './answers.ts';

export function simulateAnswer(
  { imagine }: Pick<AdminParts, 'imagine'>,
  { body }: Question<'simulate'>,
): Promise<Answer<'simulate'>> {
  const { input_tokens: inputTokens, max_tokens: maxTokens, ...call } = body;
  return imagine({ ...call, inputTokens, maxTokens });
}
