import { z } from 'zod';

/** Every refusal, here and under /v1. */
export const errorAnswer = z
  .object({
    error: z.object({
      message: z.string().describe('What was wrong with which value, and what to do next.'),
      type: z.string(),
      param: z.string().nullable().describe('The parameter or field it is about.'),
      code: z.string().describe('One of a closed list, such as invalid_request or not_found.'),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'Error' });
