import type { Row } from '../row.ts';
import { clientFaults } from './client-faults.ts';
import { clockFaults } from './clock-faults.ts';
import { diskFaults } from './disk-faults.ts';
import { failoverFaults } from './failover-faults.ts';
import { geminiFaults } from './gemini-faults.ts';
import { h2Faults } from './h2-faults.ts';
import { hostileTextFaults } from './hostile-text-faults.ts';
import { httpFaults } from './http-faults.ts';
import { jsonFaults } from './json-faults.ts';
import { laneFaults } from './lane-faults.ts';
import { leavingFaults } from './leaving-faults.ts';
import { loadFaults } from './load-faults.ts';
import { messagesFaults } from './messages-faults.ts';
import { nameFaults } from './name-faults.ts';
import { networkFaults } from './network-faults.ts';
import { processFaults } from './process-faults.ts';
import { relayFaults } from './relay-faults.ts';
import { responsesFaults } from './responses-faults.ts';
import { socketFaults } from './socket-faults.ts';
import { splitFaults } from './split-faults.ts';
import { storeFaults } from './store-faults.ts';
import { streamFaults } from './stream-faults.ts';
import { weatherFaults } from './weather/all.ts';

/** Every row, family by family: the order in which they run. */
export const ROWS: readonly Row[] = [
  ...streamFaults,
  ...splitFaults,
  ...laneFaults,
  ...messagesFaults,
  ...responsesFaults,
  ...geminiFaults,
  ...socketFaults,
  ...httpFaults,
  ...networkFaults,
  ...relayFaults,
  ...h2Faults,
  ...nameFaults,
  ...failoverFaults,
  ...weatherFaults,
  ...leavingFaults,
  ...clientFaults,
  ...jsonFaults,
  ...hostileTextFaults,
  ...loadFaults,
  ...processFaults,
  ...clockFaults,
  ...storeFaults,
  ...diskFaults,
];
