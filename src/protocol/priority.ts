/**
 * How much a call matters to whoever sends it, the least first: what a gateway
 * refuses first when it has more to do than it can.
 */
export const PRIORITIES = ['low', 'normal', 'high', 'critical'] as const;

export type Priority = (typeof PRIORITIES)[number];

/** Of a call that says nothing. */
export const DEFAULT_PRIORITY: Priority = 'normal';

/** @returns the lower of the two */
export function lowerPriority(one: Priority, other: Priority): Priority {
  return PRIORITIES.indexOf(one) <= PRIORITIES.indexOf(other) ? one : other;
}
