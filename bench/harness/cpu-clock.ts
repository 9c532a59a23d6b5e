import { readdirSync, readFileSync } from 'node:fs';
import { errorCode } from '../../src/kernel/errors.ts';

/** What `/proc/PID/stat` counts in: USER_HZ is 100 wherever Node runs. */
export const TICK_MICROS = 10_000;
/** Two roundings to a tick at each end of a span. */
const TICKS_ERROR_MICROS = 4 * TICK_MICROS;
const DIFFERENCE_MAX = 0.03;

interface Reading {
  /** Of every thread that is alive, to the nanosecond. */
  readonly threadsMicros: number;
  /** Of those, the first thread of the program: in Node the one with the event loop. */
  readonly mainMicros: number;
  /** Of the whole process by the kernel's own account, threads that ended included, in ticks. */
  readonly ticksMicros: number;
  readonly processes: number;
}

export interface CpuUsed {
  readonly micros: number;
  /** Of those, the first thread's. */
  readonly mainMicros: number;
  /** Why the figure is not to be trusted. */
  readonly problem?: string;
}

/**
 * The CPU time of a program over a span: all its threads, and the processes it
 * started. It is read twice, thread by thread to the nanosecond and for the
 * process as a whole in ticks: where the two do not agree, threads came and
 * went or were not counted.
 */
export class CpuSpan {
  readonly #pid: number;
  readonly #before: Reading;

  constructor(pid: number) {
    this.#pid = pid;
    this.#before = read(pid);
  }

  used(): CpuUsed {
    const after = read(this.#pid);
    const micros = after.threadsMicros - this.#before.threadsMicros;
    const mainMicros = after.mainMicros - this.#before.mainMicros;
    const ticks = after.ticksMicros - this.#before.ticksMicros;
    if (after.processes !== this.#before.processes) {
      return {
        micros,
        mainMicros,
        problem: `process ${this.#pid} had ${this.#before.processes} processes and has ${after.processes}`,
      };
    }
    const allowed = TICKS_ERROR_MICROS * after.processes + ticks * DIFFERENCE_MAX;
    if (Math.abs(micros - ticks) <= allowed) return { micros, mainMicros };
    const counted = `${(micros / 1_000).toFixed(0)} ms of CPU counted by thread, ${(ticks / 1_000).toFixed(0)} ms by process`;
    return { micros, mainMicros, problem: `${counted}: some threads are missing` };
  }
}

function read(pid: number): Reading {
  const pids = [pid, ...childrenOf(pid)];
  return {
    threadsMicros: sum(pids.map(threadsMicros)),
    mainMicros: threadMicros(pid, pid),
    ticksMicros: sum(pids.map(ticksMicros)),
    processes: pids.length,
  };
}

function threadsMicros(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return sum(threads.map((thread) => threadMicros(pid, thread)));
}

function threadMicros(pid: number, thread: number | string): number {
  return Number(procText(`${pid}/task/${thread}/schedstat`).split(' ')[0]) / 1_000;
}

function ticksMicros(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
}

function childrenOf(pid: number): number[] {
  const children = procText(`${pid}/task/${pid}/children`).trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

/** CPU time of this process so far, and of the programs that it started and that have ended. */
export function ownMicros(): number {
  return ownOf(process.pid);
}

function ownOf(pid: number): number {
  const fields = statFields(pid);
  return sum([11, 12, 13, 14].map((field) => Number(fields[field] ?? 0))) * TICK_MICROS;
}

/** CPU time of this process so far, and of all that it started and that they started, ended or not. */
export function familyMicros(): number {
  const living = (pid: number): number => ownOf(pid) + sum(childrenOf(pid).map(living));
  return living(process.pid);
}

/** Resident memory of a program and its children, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = [pid, ...childrenOf(pid)].map((one) =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(procText(`${one}/status`))?.[1] ?? 0),
  );
  return sum(kilobytes) * 1_024;
}

/** The fields after the command's name, which may itself hold spaces. */
function statFields(pid: number): string[] {
  const text = procText(`${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** A thread that ended between the listing and the look counts as nothing, which the comparison with the ticks notices. */
function procText(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'latin1');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
