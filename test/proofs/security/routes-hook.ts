/**
 * Loaded into a gateway with `--import`: writes the routes of its one table to
 * the file that LEEWARD_PROOF_ROUTES names, as soon as it is first asked for a
 * match. So the proof asks for every route there is, also for those that are
 * added after it was written.
 */
import { writeFileSync } from 'node:fs';
import { RouteTable } from '../../../src/edge/http/routes.ts';

const path = process.env['LEEWARD_PROOF_ROUTES'];

if (path !== undefined) {
  const { match } = RouteTable.prototype;
  RouteTable.prototype.match = function (method, target) {
    RouteTable.prototype.match = match;
    writeFileSync(path, JSON.stringify(this.routes.map((route) => ({ ...route, handle: undefined }))));
    return match.call(this, method, target);
  };
}
