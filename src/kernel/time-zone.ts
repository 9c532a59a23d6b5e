/** Whether this machine knows a time zone by this IANA name. Offsets such as `+02:00` are none: they keep no daylight saving. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    // That it throws is the answer: there is no other way to ask.
    return false;
  }
}
