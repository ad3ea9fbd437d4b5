/**
 * Lines of a log that contain a text. Bytes are searched, and only the lines that have it are decoded; and a log is read only where
 * the time that is asked for may be: what is written goes to its end.
 */
import { type FileHandle, open } from 'node:fs/promises';

/** A time, milliseconds since the epoch. */
export interface Between {
  readonly from: number;
  readonly to: number;
}

/** Bytes that are read at a time. */
const blockBytes = 512 * 1024;

/** Bytes within which the begin of a time is found: nearer costs more than reading them. */
const nearBytes = 256 * 1024;

/** Bytes in which a line with a time is looked for. */
const probeBytes = 64 * 1024;

const newline = 0x0a;

/** Calls `take` with each line of the file that contains the text, and may be of that time. */
export async function linesWith(
  file: string,
  text: string,
  take: (line: string) => void,
  between?: Between,
): Promise<void> {
  const wanted = Buffer.from(text);
  const handle = await open(file);
  try {
    // a range up to now is read to the end
    const until = between !== undefined && between.to < Date.now() ? between.to : undefined;
    let position = between === undefined ? 0 : await startOf(handle, between.from);
    // the start of a line whose end is not read yet
    let begun: Buffer = Buffer.alloc(0);
    for (;;) {
      const read = await bytesAt(handle, position, blockBytes);
      if (read.length === 0) break;
      position += read.length;
      const block = Buffer.concat([begun, read]);
      const whole = block.subarray(0, block.lastIndexOf(newline) + 1);
      takeLines(whole, wanted, take);
      begun = block.subarray(whole.length);
      if (until !== undefined && (timeIn(read.subarray(-probeBytes).toString('latin1')) ?? 0) > until) return;
    }
    takeLines(begun, wanted, take);
  } finally {
    await handle.close();
  }
}

function takeLines(block: Buffer, wanted: Buffer, take: (line: string) => void): void {
  let at = block.indexOf(wanted);
  while (at !== -1) {
    const begin = block.lastIndexOf(newline, at) + 1;
    const next = block.indexOf(newline, at);
    const end = next === -1 ? block.length : next;
    take(block.toString('utf8', begin, end));
    at = block.indexOf(wanted, end);
  }
}

/** A place in the file before which every line is older than that. */
async function startOf(handle: FileHandle, from: number): Promise<number> {
  let low = 0;
  let high = (await handle.stat()).size;
  while (high - low > nearBytes) {
    const middle = Math.floor((low + high) / 2);
    const probe = (await bytesAt(handle, middle, probeBytes)).toString('latin1');
    // the first line may be cut off and lack its time
    const time = timeIn(probe.slice(probe.indexOf('\n') + 1));
    // without times nothing can be skipped
    if (time === undefined) return low;
    if (time < from) low = middle;
    else high = middle;
  }
  return low;
}

/** The first time in a text of lines; services, Envoys and the control service write it as RFC 3339. */
function timeIn(text: string): number | undefined {
  const [, time] = /"time":"(\d{4}-[^"]+)"/.exec(text) ?? [];
  const at = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? undefined : at;
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
