/** Seconds since midnight of a time of day in UTC, as `16:30:00Z`; `undefined` for anything else. */
export function daySecond(time: unknown): number | undefined {
  const parts = typeof time === 'string' ? /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d)Z$/.exec(time) : null;
  if (parts === null) return undefined;
  const [, hours, minutes, seconds] = parts;
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}
