import { AddressSet } from '../kernel/address-set.ts';
import { fitsModel, fitsName } from '../kernel/name-pattern.ts';
import { lowerPriority, type Priority } from './priority.ts';

/**
 * What a key may reach. A part that is absent restricts nothing. A sub-key's
 * calls keep to its own and to those of all its parents, so that it only narrows.
 */
export interface Allowance {
  /** Patterns of `provider/model`: whatever name a call gives, each target it goes to must fit one. */
  readonly models?: readonly string[];
  /** Patterns of route and alias names; `direct` stands for calls that name a provider's model themselves. */
  readonly routes?: readonly string[];
  /** IP addresses and ranges that calls may come from. */
  readonly addresses?: readonly string[];
  /** The highest priority that calls may claim. */
  readonly priorityMax?: Priority;
}

/** The way of a call that names a provider's model itself, among the routes of an allowance. */
export const DIRECT = 'direct';

/** @returns the first rule that keeps a call away from a target; `undefined` when it may go there */
export function modelRefusal(
  allowances: readonly Allowance[],
  provider: string,
  model: string,
): readonly string[] | undefined {
  return allowances.find(({ models }) => models?.some((pattern) => fitsModel(pattern, provider, model)) === false)
    ?.models;
}

/**
 * @param names what the way is called: the alias that was asked for, the route it leads to, or {@link DIRECT}
 * @returns the first rule that none of the names fits; `undefined` when the way is open
 */
export function routeRefusal(
  allowances: readonly Allowance[],
  names: readonly string[],
): readonly string[] | undefined {
  return allowances.find(
    ({ routes }) => routes?.some((pattern) => names.some((name) => fitsName(pattern, name))) === false,
  )?.routes;
}

/** @returns the priority that a call has: the one that it asks for, or the highest that every rule lets it have */
export function permittedPriority(asked: Priority, allowances: readonly Allowance[]): Priority {
  return allowances.reduce(
    (priority, { priorityMax }) => (priorityMax === undefined ? priority : lowerPriority(priority, priorityMax)),
    asked,
  );
}

const sets = new WeakMap<Allowance, AddressSet>();

/** Whether every rule lets calls come from an address; an unknown one is in no range. */
export function mayComeFrom(allowances: readonly Allowance[], address: string | undefined): boolean {
  return allowances.every((allowance) => {
    if (allowance.addresses === undefined) return true;
    return address !== undefined && setOf(allowance, allowance.addresses).has(address);
  });
}

/** Made once for each key, because making one costs as much as a call. */
function setOf(allowance: Allowance, addresses: readonly string[]): AddressSet {
  let set = sets.get(allowance);
  if (set === undefined) {
    set = new AddressSet(addresses);
    sets.set(allowance, set);
  }
  return set;
}
