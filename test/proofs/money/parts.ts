import { m1 } from './m1.ts';
import { m3 } from './m3.ts';
import { m4 } from './m4.ts';
import { m5 } from './m5.ts';
import { m6 } from './m6.ts';
import { m7 } from './m7.ts';
import { m8 } from './m8.ts';
import { m10 } from './m10.ts';
import { m11 } from './m11.ts';
import { m12 } from './m12.ts';
import { m13 } from './m13.ts';
import { m14 } from './m14.ts';
import type { Part } from './part.ts';

/** By the names that they have in the plan. */
export const PARTS: Readonly<Record<string, Part>> = {
  M1: m1,
  M3: m3,
  M4: m4,
  M5: m5,
  M6: m6,
  M7: m7,
  M8: m8,
  M10: m10,
  M11: m11,
  M12: m12,
  M13: m13,
  M14: m14,
};
