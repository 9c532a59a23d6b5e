import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';

/** What the kernel says a process holds open. */
export interface Descriptors {
  /** TCP connections, listening sockets not counted. */
  readonly connections: readonly Connection[];
  /** Regular files outside `storeDir`, deleted ones included: bodies spilled to disk would be here. */
  readonly files: readonly string[];
}

export interface Connection {
  /** As the kernel names it, in hexadecimal: `01` established, `08` close-wait… */
  readonly state: string;
  readonly localPort: number;
  readonly remotePort: number;
}

const LISTEN = '0A';

/** Reads `/proc`: what is counted here cannot be flattered by the process itself. */
export function descriptors(pid: number, storeDir: string): Descriptors {
  const sockets = new Map([...tcpTable(pid, 'tcp'), ...tcpTable(pid, 'tcp6')]);
  const connections: Connection[] = [];
  const files: string[] = [];
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    const target = linkOf(`/proc/${pid}/fd/${name}`);
    if (target === undefined) continue;
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) {
      const connection = sockets.get(inode);
      if (connection !== undefined && connection.state !== LISTEN) connections.push(connection);
    } else if (target.startsWith('/') && !target.startsWith('/dev/') && !target.startsWith(storeDir)) {
      files.push(target);
    }
  }
  return { connections, files };
}

/** Resident memory now, and the most since `forgetPeak`, in bytes. */
export function memory(pid: number): { rssBytes: number; peakBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1_024;
  return { rssBytes: kib('VmRSS'), peakBytes: kib('VmHWM') };
}

/** As Linux counts on every architecture that Node runs on. */
const TICK_MS = 10;

/** Processor time of all threads so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field, the name, may hold anything, brackets included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Starts the kernel's high-water mark of resident memory anew (proc(5), `clear_refs`). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function tcpTable(pid: number, table: 'tcp' | 'tcp6'): [string, Connection][] {
  const lines = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1);
  return lines.map((line) => {
    const fields = line.trim().split(/\s+/);
    const port = (address: string | undefined) => Number.parseInt(address?.split(':').at(-1) ?? '', 16);
    return [
      fields[9] ?? '',
      { state: fields[3] ?? '', localPort: port(fields[1]), remotePort: port(fields[2]) },
    ] satisfies [string, Connection];
  });
}

/** A descriptor may be closed between the listing and the look. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
