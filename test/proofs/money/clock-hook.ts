/**
 * Loaded into a gateway with `--import`: its wall clock goes so many
 * milliseconds ahead of the true one as the file says that LEEWARD_PROOF_CLOCK
 * names, read at the start and at each SIGUSR2. Timers and the monotonic clock
 * are as they are.
 */
import { readFileSync } from 'node:fs';

const path = process.env['LEEWARD_PROOF_CLOCK'];
const RealDate = Date;

if (path !== undefined) {
  const read = () => Number(readFileSync(path, 'utf8'));
  let aheadMs = read();
  const now = () => RealDate.now() + aheadMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  process.on('SIGUSR2', () => {
    aheadMs = read();
  });
}
