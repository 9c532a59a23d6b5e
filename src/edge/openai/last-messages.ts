/** Roles whose messages say what the model is to do, and stay. */
const STANDING_ROLES: ReadonlySet<unknown> = new Set(['system', 'developer']);

/**
 * A shorter context: the system's messages, and the last `count` of the
 * others. A tool's result without the call that it answers would be refused,
 * so the context begins after any that stand at its head.
 */
export function lastMessages(messages: unknown, count: number): unknown {
  if (!Array.isArray(messages)) return messages;
  const others = messages.filter((message) => !STANDING_ROLES.has(roleOf(message)));
  const last = count === 0 ? [] : others.slice(-count);
  const from = last.findIndex((message) => roleOf(message) !== 'tool' && roleOf(message) !== 'function');
  const kept = new Set(from < 0 ? [] : last.slice(from));
  return messages.filter((message) => STANDING_ROLES.has(roleOf(message)) || kept.has(message));
}

function roleOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'role' in message ? message.role : undefined;
}
