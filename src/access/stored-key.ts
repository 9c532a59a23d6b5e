import type { Allowance } from '../protocol/allowance.ts';
import type { KnownKey } from './authenticator.ts';

/** A key without its secret, as lists show it. Instants are milliseconds since the epoch. */
export interface StoredKey extends KnownKey {
  readonly name: string;
  /** The first characters, by which an owner recognises a key. */
  readonly prefix: string;
  readonly last4: string;
  /** Its own rule; those of its parents hold as well. Absent: it restricts nothing. */
  readonly allow?: Allowance;
  readonly createdAt: number;
  readonly createdBy: string;
  /** The configuration file that declares it. Absent for a key of the store. */
  readonly declaredIn?: string;
}
