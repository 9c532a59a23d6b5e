/**
 * Loaded into a gateway with `--import`: at SIGUSR2 its wall clock is set to
 * what it truly is plus the milliseconds in the file that LEEWARD_FAULTS_CLOCK
 * names, as an operator or an NTP daemon may step it. The monotonic clock and
 * the timers go on, as they do in the kernel.
 */
import { readFileSync } from 'node:fs';

const path = process.env['LEEWARD_FAULTS_CLOCK'];
const RealDate = Date;
let shiftMs = 0;

if (path !== undefined) {
  const now = () => RealDate.now() + shiftMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  process.on('SIGUSR2', () => {
    shiftMs = Number(readFileSync(path, 'utf8'));
  });
}
