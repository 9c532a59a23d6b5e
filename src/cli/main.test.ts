import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const launcher = fileURLToPath(new URL('../../bin/leeward.mjs', import.meta.url));

function shell(line: string) {
  const env = { ...process.env, LEEWARD: `"${process.execPath}" "${launcher}"` };
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -o pipefail; ${line}`], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the program runs as a process, with its data on stdout', () => {
  const { status, stdout, stderr } = shell('eval $LEEWARD version --json');
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toHaveProperty('version');
});

test('a reader that has seen enough is no error', () => {
  expect(shell('eval $LEEWARD config schema | head -c 1')).toEqual({ status: 0, stdout: '{', stderr: '' });
});

test.runIf(existsSync('/dev/full'))('output that is lost is told in one line, and by the exit code', () => {
  expect(shell('eval $LEEWARD version > /dev/full')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'leeward: the output cannot be written (ENOSPC) — free some space, or send it elsewhere\n',
  });
});
