import { describe, expect, test } from 'vitest';
import { readCommandLine, USAGE, UsageError } from './command-line.ts';
import { PARTS, PHASES } from './plan.ts';

describe('the command line of the bench', () => {
  test.each([['--help'], ['-h']])('%s asks for the usage, which names every part and every option', (flag) => {
    expect(readCommandLine([flag]).task).toBe('help');
    for (const part of PARTS) expect(USAGE).toContain(part);
    for (const option of ['quick', 'only', 'peers', 'rounds', 'repeats', 'seconds', 'no-gates', 'json', 'write']) {
      expect(USAGE).toContain(`--${option} `);
    }
  });

  test.each([
    [['--fast'], '--fast'],
    [['--only', 'calls,speed'], '--only calls,speed'],
    [['--peers', 'apache'], '--peers apache'],
    [['--rounds', 'many'], '--rounds many'],
    [['calls'], 'calls'],
  ])('%j is told back and measures nothing', (args, said) => {
    expect(() => readCommandLine(args)).toThrow(UsageError);
    expect(() => readCommandLine(args)).toThrow(said);
  });

  test('a quick run compares with others, and measures the rest where it is asked to', () => {
    expect(readCommandLine(['--quick']).parts).toEqual(PHASES);
    expect(readCommandLine(['--quick', '--only', 'holds']).parts).toEqual(['holds']);
    expect(readCommandLine([]).parts).toEqual(PARTS);
    // Every part has faults that have to be noticed.
    expect(readCommandLine(['--quick', '--sabotage']).parts).toEqual(PARTS);
  });

  test('a number of rounds and of seconds holds for every part that has them', () => {
    const { plan, parts, peers } = readCommandLine([
      '--only',
      'capped, calls',
      '--rounds',
      '7',
      '--seconds',
      '2',
      '--peers',
      '',
    ]);
    expect(parts).toEqual(['calls', 'capped']);
    expect(peers).toEqual([]);
    expect(plan.rounds).toMatchObject({ calls: 7, latency: 7, frames: 7, memory: 1 });
    expect(plan.capped).toMatchObject({ rounds: 7, seconds: 2 });
    expect(plan.calls.seconds).toBe(2);
  });
});
