import { m6 } from './m6.ts';
import { m7 } from './m7.ts';
import { m8 } from './m8.ts';
import type { Part } from './part.ts';

/** By the names that they have in the plan. */
export const PARTS: Readonly<Record<string, Part>> = { M6: m6, M7: m7, M8: m8 };
