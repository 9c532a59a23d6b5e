import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '../../../faults/harness/processes.ts';
import { comesTrue } from '../../../faults/harness/waiting.ts';

const RELOAD_MS_MAX = 8_000;
const APPLIED = 'the configuration was reloaded';
const REFUSED = 'the configuration was not reloaded: the one in force stays';
const IN_FORCE = 'the configuration is the one in force';

/** What the gateway logged of one reload. */
export interface Reloaded {
  readonly applied: boolean;
  readonly version: string;
  /** Its report, when it was refused. */
  readonly problems: string;
  /** From asking for it until it was told. */
  readonly tookMs: number;
}

/** A served gateway whose file is replaced again and again. */
export class House implements AsyncDisposable {
  readonly path: string;
  readonly url: string;
  readonly firstVersion: string;
  readonly program: Program;
  readonly #scratch: string;
  #text: string;
  /** The last report: two wrong files in a row are never wrong in the same way. */
  #refused = 'nothing was refused yet';

  private constructor(program: Program, scratch: string, facts: { url: string; configVersion: string }, text: string) {
    this.#text = text;
    this.program = program;
    this.#scratch = scratch;
    this.path = join(scratch, 'leeward.yaml');
    this.url = facts.url;
    this.firstVersion = facts.configVersion;
  }

  static async start(text: string, sabotage: string | undefined): Promise<House> {
    const scratch = mkdtempSync(join(tmpdir(), 'leeward-reload-'));
    const dataDir = join(scratch, 'data');
    mkdirSync(dataDir);
    const config = join(scratch, 'leeward.yaml');
    writeFileSync(config, text);
    const hooks = sabotage === undefined ? [] : ['--import', './test/support/sabotage/preload.ts'];
    const { program, said } = await Program.start({
      name: 'leeward serve',
      args: [...hooks, 'bin/leeward.mjs', 'serve', '--port', '0', '--data', dataDir, '--config', config],
      env: { UP_KEY: 'sk-reload-0123456789', ...(sabotage === undefined ? {} : { LEEWARD_SABOTAGE: sabotage }) },
      ready: (line) => (line.includes('"leeward is listening"') ? line : undefined),
    });
    return new House(program, scratch, JSON.parse(said) as { url: string; configVersion: string }, text);
  }

  /**
   * Puts a file in place, all at once, and waits for what the gateway says
   * about it: whether it was put in force or refused, or that it is in force.
   * A busy gateway may hear of one file twice, by the signal and by its watch:
   * what it says the second time is no answer to the next file.
   */
  async reload(text: string, by: 'watch' | 'signal'): Promise<Reloaded> {
    const answers = text === this.#text ? [APPLIED, REFUSED, IN_FORCE] : [APPLIED, REFUSED];
    const refusedBefore = this.#refused;
    this.#text = text;
    const mark = this.program.mark;
    writeFileSync(`${this.path}.new`, text);
    const askedMs = performance.now();
    renameSync(`${this.path}.new`, this.path);
    if (by === 'signal') this.program.signal('SIGHUP');
    let line: Record<string, unknown> | undefined;
    await comesTrue(() => {
      line = this.program
        .since(mark)
        .filter((said) => said.startsWith('{') && said.includes('"trigger"'))
        .map((said) => JSON.parse(said) as Record<string, unknown>)
        .find(({ msg, problems }) => answers.includes(String(msg)) && (problems ?? '') !== refusedBefore);
      return line !== undefined;
    }, RELOAD_MS_MAX);
    if (line === undefined) throw new Error(`no reload within ${RELOAD_MS_MAX} ms`);
    const problems = String(line['problems'] ?? '');
    if (problems !== '') this.#refused = problems;
    return {
      applied: line['msg'] === APPLIED,
      version: String(line['configVersion']),
      problems,
      tookMs: performance.now() - askedMs,
    };
  }

  /**
   * CPU time of its threads, in nanoseconds, but for the store's: that one
   * works off what calls left behind when it suits it, and knows no configuration.
   */
  cpuNs(): number {
    const tasks = `/proc/${this.program.pid}/task`;
    return readdirSync(tasks).reduce((sum, task) => {
      if (readFileSync(join(tasks, task, 'comm'), 'utf8').startsWith('store')) return sum;
      const [onCpu = '0'] = readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ');
      return sum + Number(onCpu);
    }, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.stop(20_000);
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
