import { usdAmount, writtenDecimal } from '../kernel/usd-amount.ts';
import { didYouMean } from './did-you-mean.ts';
import { memberOf, members } from './document-tree.ts';
import { maskText } from './mask.ts';
import { type ConfigPath, error, type Finding } from './problem.ts';
import { ownBudgetName } from './resolve-budgets.ts';

/** What is wrong with budgets beyond their shape: limits that contradict each other, windows and keys that are not there. */
export function budgetFindings(document: unknown): Finding[] {
  const keys = members(document, 'keys');
  const findings = members(document, 'budgets').flatMap(([name, budget]) => {
    const path = ['budgets', name];
    return [
      ...scopeFindings(path, memberOf(budget, 'scope'), keys),
      ...creditFindings(path, budget),
      ...limitFindings(path, budget),
    ];
  });
  return [...findings, ...keys.flatMap(([name, key]) => keyFindings(name, key))];
}

/** Budgets that stand with their key. */
function keyFindings(name: string, key: unknown): Finding[] {
  const one = memberOf(key, 'budget');
  const several = memberOf(key, 'budgets');
  const all: [ConfigPath, unknown][] = one === undefined ? [] : [[['keys', name, 'budget'], one]];
  if (Array.isArray(several)) {
    for (const [index, budget] of several.entries()) all.push([['keys', name, 'budgets', index], budget]);
  }
  const seen = new Set<string>();
  return all.flatMap(([path, budget]) => {
    const window = ownBudgetName(name, { per: memberOf(budget, 'per'), each: memberOf(budget, 'each') });
    const twice = seen.has(window) ? [error(path, `"${name}" has two budgets for the same window: keep one`)] : [];
    seen.add(window);
    return [...twice, ...periodFindings(path, budget), ...limitFindings(path, budget)];
  });
}

function scopeFindings(path: ConfigPath, scope: unknown, keys: readonly [string, unknown][]): Finding[] {
  if (typeof scope !== 'object' || scope === null) return [];
  const key = memberOf(scope, 'key');
  const at = [...path, 'scope'];
  if ((key === undefined) === (memberOf(scope, 'project') === undefined)) {
    return [error(at, 'write scope: organisation, { project: <id> } or { key: <name> }')];
  }
  if (typeof key !== 'string' || key.startsWith('key_')) return [];
  const names = keys.map(([name]) => name);
  if (names.includes(key)) return [];
  const guess = didYouMean(key, names) || '; a key of the store is named by its id, key_…';
  return [error([...at, 'key'], `there is no key ${JSON.stringify(maskText(key))} in this file${guess}`)];
}

function creditFindings(path: ConfigPath, budget: unknown): Finding[] {
  if (String(memberOf(budget, 'credit')) !== 'true') return periodFindings(path, budget);
  const period = memberOf(budget, 'per');
  if (period !== undefined && period !== 'lifetime') {
    return [
      error([...path, 'per'], 'credit has no windows: what was bought is there until it is used up; leave per out'),
    ];
  }
  if (memberOf(budget, 'hard') !== undefined) {
    return [error([...path, 'hard'], 'credit has no cap but what was bought: leave hard out, or credit')];
  }
  if (memberOf(budget, 'each') === undefined) return [];
  return [error([...path, 'each'], 'credit belongs to its whole scope: leave each out')];
}

function periodFindings(path: ConfigPath, budget: unknown): Finding[] {
  if (memberOf(budget, 'per') !== undefined || typeof budget !== 'object' || budget === null) return [];
  return [error(path, 'per is missing: lifetime, month, week, day or hour', 'key')];
}

function limitFindings(path: ConfigPath, budget: unknown): Finding[] {
  const hard = amountOf(memberOf(budget, 'hard'));
  const soft = amountOf(memberOf(budget, 'soft'));
  if (hard === undefined || soft === undefined || soft <= hard) return [];
  return [error([...path, 'soft'], 'soft is above hard: the alert would never come, as calls are refused before')];
}

function amountOf(value: unknown): bigint | undefined {
  const text = typeof value === 'number' ? writtenDecimal(value) : value;
  return typeof text === 'string' ? usdAmount(text) : undefined;
}
