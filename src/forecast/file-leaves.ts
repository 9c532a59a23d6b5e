import { z } from 'zod';

/*
 * The kinds of values that traffic and weather files hold besides those of
 * leeward.yaml. Each message continues the name of its key.
 */

const TIME = /^(\d{2}):(\d{2})(?::(\d{2}))?$/;
const SHARE = /^(\d{1,3}(?:\.\d{1,4})?)\s*%$/;
const SECOND = 1_000;
const DAY_MS = 86_400_000;

/** A time of the day as `14:30` or `14:30:15`; comes out as milliseconds since midnight. `24:00` ends a day. */
export function timeOfDay() {
  const message = 'must be a time of the day, such as "14:30" or "14:30:15"';
  return z
    .string({ error: message })
    .meta({ pattern: '^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$', examples: ['14:30'] })
    .transform((value, context) => {
      const [, hours, minutes, seconds = '0'] = TIME.exec(value.trim()) ?? [];
      const inHour = Number(minutes) * 60 + Number(seconds);
      const ms = (Number(hours) * 3_600 + inHour) * SECOND;
      if (hours !== undefined && Number(minutes) < 60 && Number(seconds) < 60 && ms <= DAY_MS) return ms;
      context.issues.push({ code: 'custom', message, input: value });
      return z.NEVER;
    });
}

/** A share written with its `%`; comes out as a number from 0 to 1. */
export function share() {
  const message = 'must be a share from 0% to 100%, written with its %, such as 20%';
  return z
    .string({ error: message })
    .meta({ pattern: '^[0-9]{1,3}(\\.[0-9]{1,4})?\\s*%$', examples: ['20%'] })
    .transform((value, context) => {
      const percent = Number(SHARE.exec(value.trim())?.[1]);
      if (percent <= 100) return percent / 100;
      context.issues.push({ code: 'custom', message, input: value });
      return z.NEVER;
    });
}

/** A number within bounds, both included. */
export function amount(min: number, max: number) {
  const message = `must be a number from ${min} to ${max}`;
  return z.number({ error: message }).min(min, message).max(max, message);
}

/** A whole number within bounds, both included. */
export function count(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.number({ error: message }).int(message).min(min, message).max(max, message);
}
