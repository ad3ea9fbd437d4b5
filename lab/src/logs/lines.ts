/** Lines of the parts' logs that belong to one trace, in order of time. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { hasCode } from '../cli/errors.ts';

/** One line of one part. */
export interface LogLine {
  readonly part: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The line as it stands in the log. */
  readonly text: string;
}

/** What services, Envoys and the control service write; `time` is RFC 3339. */
const lineSchema = Type.Object({
  time: Type.String(),
  trace_id: Type.String(),
});

/** The lines of all logs in that directory whose `trace_id` it is. */
export async function linesOfTrace(directory: string, traceId: string): Promise<LogLine[]> {
  const files = await readdir(directory).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  // `orders.log.1` is the generation before `orders.log`
  const logs = files.filter((name) => /\.log(\.1)?$/.test(name));
  const found = await Promise.all(
    logs.map((name) => linesIn(path.join(directory, name), partOf(name), traceId)),
  );
  return inTime(found.flat());
}

/** Lines in order of time. */
export function inTime(lines: readonly LogLine[]): LogLine[] {
  return lines.toSorted((one, other) => one.time - other.time);
}

/** A line of a part, when it is about that trace. */
export function lineOfTrace(part: string, text: string, traceId: string): LogLine | undefined {
  // cheaper than parsing every line of every log
  if (!text.includes(traceId)) return undefined;
  const line = parsed(text);
  return line?.trace_id === traceId ? { part, time: Date.parse(line.time), text } : undefined;
}

function partOf(name: string): string {
  return name.replace(/\.log(\.1)?$/, '');
}

async function linesIn(file: string, part: string, traceId: string): Promise<LogLine[]> {
  const found: LogLine[] = [];
  for await (const text of createInterface({ input: createReadStream(file, 'utf8') })) {
    const line = lineOfTrace(part, text, traceId);
    if (line !== undefined) found.push(line);
  }
  return found;
}

function parsed(text: string): Static<typeof lineSchema> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(lineSchema, value) ? value : undefined;
  } catch {
    // a line cut off by a kill is no line
    return undefined;
  }
}
