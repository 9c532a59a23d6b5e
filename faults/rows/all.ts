import type { Row } from '../row.ts';
import { streamFaults } from './stream-faults.ts';

export const ROWS: readonly Row[] = [...streamFaults];
