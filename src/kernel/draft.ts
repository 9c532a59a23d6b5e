/**
 * A value while it is being made. Members that may be absent are set one by
 * one: an object literal with a conditional spread for each costs several times
 * as much, and calls make dozens of them.
 */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] };
