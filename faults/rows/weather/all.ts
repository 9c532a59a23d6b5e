import type { Row } from '../../row.ts';
import { aimFaults } from './aim-faults.ts';
import { aliveFaults } from './alive-faults.ts';
import { closedFaults } from './closed-faults.ts';
import { degradeFaults } from './degrade-faults.ts';
import { hedgeFaults } from './hedge-faults.ts';
import { retryFaults } from './retry-faults.ts';
import { throttleFaults } from './throttle-faults.ts';

/** What routing makes of providers that fail, throttle and slow down. */
export const weatherFaults: readonly Row[] = [
  ...retryFaults,
  ...throttleFaults,
  ...closedFaults,
  ...aimFaults,
  ...hedgeFaults,
  ...degradeFaults,
  ...aliveFaults,
];
