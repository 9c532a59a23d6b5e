/** What usage can be grouped by, in the store's hours, the API, the command line and the page. Times are those of UTC. */
export const USAGE_GROUPINGS = [
  'day',
  'hour',
  'month',
  'organisation',
  'project',
  'key',
  'end_user',
  'task',
  'provider',
  'model',
  'operation',
  'route',
  'tag',
] as const;

export type UsageGrouping = (typeof USAGE_GROUPINGS)[number];
