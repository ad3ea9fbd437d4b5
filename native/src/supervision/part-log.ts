/** Logs of the parts: files that the parts write themselves, kept at a bounded size. */
import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { hasCode } from '@microshop/program-kit/errors';

/** Size above which a log is cut, bytes. With the generation before it a part holds about twice as much. */
export const maxLogBytes = 20 * 1024 * 1024;

/** Bytes read from the end of a log to find its last lines. */
const tailBytes = 64 * 1024;

/** Name of the generation before the present one. */
export function previousLog(file: string): string {
  return `${file}.1`;
}

/** Size of a log, bytes; 0 when there is none. */
export function logSize(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

/**
 * Cuts a log that is over its limit: its content is copied to {@link previousLog} and the file emptied in place,
 * because a running part keeps it open. Parts append, so they go on at the new end; what is written between the copy
 * and the cut is lost. True when it cut.
 */
export function boundLog(file: string, limit = maxLogBytes): boolean {
  if (logSize(file) <= limit) return false;
  copyFileSync(file, previousLog(file), constants.COPYFILE_FICLONE);
  truncateSync(file, 0);
  return true;
}

/** Opens a log to append to, private to this user, cut first when it is too long. The caller closes it. */
export function openLog(file: string): number {
  boundLog(file);
  const descriptor = openSync(file, 'a', 0o600);
  fchmodSync(descriptor, 0o600);
  return descriptor;
}

/** The last `count` lines of a log, from byte `from` on (0 when it was cut since). Empty when there is none. */
export function lastLines(file: string, count: number, from = 0): string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    const begin = Math.max(from > size ? 0 : from, size - tailBytes);
    const buffer = Buffer.alloc(size - begin);
    const read = readSync(descriptor, buffer, 0, buffer.length, begin);
    const text = buffer.toString('utf8', 0, read).trimEnd();
    return text === '' ? [] : text.split('\n').slice(-count);
  } finally {
    closeSync(descriptor);
  }
}
