import type { GatewayError } from '../../kernel/errors.ts';
import { openAiError } from '../openai-errors.ts';

/** An error as the last event of a stream of Chat Completions. */
export function errorEvent(error: GatewayError, requestId: string): Buffer {
  return Buffer.from(`data: ${JSON.stringify(openAiError(error, requestId))}\n\n`);
}
