/**
 * Loaded into a gateway with `--import`: its wall clock goes so many
 * milliseconds ahead of the true one as LEEWARD_PROOF_AHEAD_MS says. Timers and
 * the monotonic clock are as they are.
 */
const aheadMs = Number(process.env['LEEWARD_PROOF_AHEAD_MS'] ?? 0);
const RealDate = Date;

if (aheadMs !== 0) {
  const now = () => RealDate.now() + aheadMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
}
