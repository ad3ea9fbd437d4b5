/** What Linux shows of processes under /proc. Every reader answers "not there" for a process that has ended. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Fields of /proc/<pid>/stat the runner uses; see proc_pid_stat(5). */
export interface ProcessStat {
  readonly pid: number;
  /** One letter; `Z` is a zombie. */
  readonly state: string;
  readonly parentPid: number;
  readonly group: number;
  /** Clock ticks between boot and the start of the process: with the pid it names one process of this boot. */
  readonly startTicks: number;
  /** CPU time in clock ticks, user and system, its own and that of its children that have ended. */
  readonly cpuTicks: number;
  /** Of these, that of its children. */
  readonly childTicks: number;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The process of that pid, zombies included; `undefined` when there is none. */
export function statOf(pid: number): ProcessStat | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name stands in brackets and may itself hold brackets and spaces: the fields begin after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parentPid, group] = fields;
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined) return undefined;
  const ticksOf = (first: number, last: number) =>
    fields.slice(first, last + 1).reduce((sum, ticks) => sum + Number(ticks), 0);
  return {
    pid,
    state,
    parentPid: Number(parentPid),
    group: Number(group),
    startTicks: Number(startTicks),
    cpuTicks: ticksOf(11, 14),
    childTicks: ticksOf(13, 14),
  };
}

/** Pids of all processes this process can see. */
export function listPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** True for a process that still executes (a zombie does not). */
export function isRunning(stat: ProcessStat | undefined): stat is ProcessStat {
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
}

/** The command line with its arguments, or the bare name for a kernel thread; `undefined` when it cannot be read. */
export function commandOf(pid: number): string | undefined {
  const line = readText(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim();
  if (line !== undefined && line !== '') return line;
  return readText(`/proc/${pid}/comm`)?.trim();
}

/** Resident memory in bytes; `undefined` when the process is gone. */
export function residentBytesOf(pid: number): number | undefined {
  const kilobytes = readText(`/proc/${pid}/status`)?.match(/^VmRSS:\s+(\d+) kB$/m)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** The variable as the process was started with it; `undefined` when it has none, or cannot be read. */
export function environmentOf(pid: number, name: string): string | undefined {
  const own = readText(`/proc/${pid}/environ`)
    ?.split('\0')
    .find((entry) => entry.startsWith(`${name}=`));
  return own?.slice(name.length + 1);
}

/** True when the process was started with this variable set to this value. False when it cannot be read. */
export function hasEnvironment(pid: number, name: string, value: string): boolean {
  return environmentOf(pid, name) === value;
}

/** Identifier of this boot of the machine: pids and start times of another boot mean nothing. */
export function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown';
}

/** Pid of a process that has this socket open (`inode` as in /proc/net/tcp), or `undefined`. */
export function pidOfSocket(inode: string): number | undefined {
  const target = `socket:[${inode}]`;
  return listPids().find((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`) === target;
        } catch {
          return false;
        }
      });
    } catch {
      return false;
    }
  });
}

/** One listening TCP socket. */
export interface ListeningSocket {
  /** Address in dotted form; `0.0.0.0` and `::` listen everywhere. */
  readonly host: string;
  readonly port: number;
  readonly uid: number;
  readonly inode: string;
}

/** `0100007F` → `127.0.0.1`: each group of eight hex digits is one word in this machine's byte order. */
function decodeAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex').swap32();
  if (bytes.length === 4) return bytes.join('.');
  // ::ffff:a.b.c.d is an IPv4 address taken through an IPv6 socket
  if (bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff) {
    return bytes.subarray(12).join('.');
  }
  return bytes.every((byte) => byte === 0) ? '::' : bytes.toString('hex');
}

/** Every TCP socket of this network namespace that listens. */
export function listeningSockets(): ListeningSocket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) =>
    (readText(path) ?? '')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, local, , state, , , , uid, , inode] = line.trim().split(/\s+/);
        const [address, port] = local?.split(':') ?? [];
        // 0A is TCP_LISTEN
        if (state !== '0A' || address === undefined || port === undefined || inode === undefined) return [];
        return [{ host: decodeAddress(address), port: Number.parseInt(port, 16), uid: Number(uid), inode }];
      }),
  );
}
