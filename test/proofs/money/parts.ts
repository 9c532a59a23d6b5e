import { m1 } from './m1.ts';
import { m3 } from './m3.ts';
import { m4 } from './m4.ts';
import { m6 } from './m6.ts';
import { m7 } from './m7.ts';
import { m8 } from './m8.ts';
import type { Part } from './part.ts';

/** By the names that they have in the plan. */
export const PARTS: Readonly<Record<string, Part>> = { M1: m1, M3: m3, M4: m4, M6: m6, M7: m7, M8: m8 };
