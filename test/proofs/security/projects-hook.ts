/**
 * Loaded into a gateway with `--import`: a key with `~another` behind it is the
 * same key in another project. There is one project so far, and what is kept
 * for it must be another's secret all the same.
 */
import { Authenticator } from '../../../src/access/authenticator.ts';

const { authenticate } = Authenticator.prototype;

export const ANOTHER_PROJECT = '~another';

Authenticator.prototype.authenticate = function (token) {
  if (token?.endsWith(ANOTHER_PROJECT) !== true) return authenticate.call(this, token);
  const known = authenticate.call(this, token.slice(0, -ANOTHER_PROJECT.length));
  const moved = (key: Awaited<typeof known>) => ({ ...key, project: 'proj_another' });
  return known instanceof Promise ? known.then(moved) : moved(known);
};
