import { GatewayError } from '../kernel/errors.ts';
import type { UsageParts } from './answers/usage.ts';
import type { PageUsage } from './page/page-data.ts';

/**
 * What the page asks about usage: the administrative API's question, and its
 * answer. What reads questions is loaded with the first one, because a start
 * has no time for it.
 */
export function pageUsage(parts: () => UsageParts): (query: URLSearchParams) => Promise<PageUsage> {
  return async (query) => {
    const [{ usageAnswer }, { usageQuery }] = await Promise.all([
      import('./answers/usage.ts'),
      import('./contract/usage.ts'),
    ]);
    const asked = usageQuery.safeParse(Object.fromEntries(query));
    if (!asked.success) return { refused: asked.error.issues.map(({ message }) => message).join('; ') };
    try {
      const report = await usageAnswer(parts(), { params: undefined, body: undefined, query: asked.data });
      return { report };
    } catch (error) {
      if (error instanceof GatewayError) return { refused: error.message };
      throw error;
    }
  };
}
