/** Lines of the parts' logs that belong to one trace, in order of time; and which trace an order was placed in. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '@microshop/program-kit/errors';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Between, linesWith } from './search.ts';

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
  msg: Type.Optional(Type.String()),
  order_id: Type.Optional(Type.Integer()),
});

/** A line that names an order. */
export interface Mention {
  readonly traceId: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Whether it says that the order was placed. */
  readonly placed: boolean;
}

/** What orders writes when it places one (`services/orders/src/routes/orders.ts`). */
const placedMessage = 'order accepted';

/** The lines of all logs in that directory whose `trace_id` it is; with a time, those of other times may be missing. */
export async function linesOfTrace(
  directory: string,
  traceId: string,
  between?: Between,
): Promise<LogLine[]> {
  return inTime(await picked(directory, traceId, (part, text) => lineOfTrace(part, text, traceId), between));
}

/** The trace an order was placed in, 32 hex digits, by the logs in that directory; `undefined` when none names it. */
export async function traceOfOrder(directory: string, orderId: number): Promise<string | undefined> {
  return placingTrace(
    await picked(directory, namesOrder(orderId), (_part, text) => mentionOf(text, orderId)),
  );
}

/** The trace an order was placed in, by all lines that name the order: later events may be in another trace. */
export function placingTrace(mentions: readonly Mention[]): string | undefined {
  const sorted = mentions.toSorted((one, other) => one.time - other.time);
  // a new database counts from 1 again: the last order with this number is meant
  return (sorted.findLast(({ placed }) => placed) ?? sorted[0])?.traceId;
}

/** What stands in a line that names an order; in that of another one too, whose number begins the same. */
const namesOrder = (orderId: number) => `"order_id":${orderId}`;

/** What a line says of an order, when it names it. */
export function mentionOf(text: string, orderId: number): Mention | undefined {
  if (!text.includes(namesOrder(orderId))) return undefined;
  const line = parsed(text);
  if (line?.order_id !== orderId) return undefined;
  return { traceId: line.trace_id, time: Date.parse(line.time), placed: line.msg === placedMessage };
}

/** What is picked from the lines with that text, of all logs in that directory. */
async function picked<T>(
  directory: string,
  wanted: string,
  pick: (part: string, text: string) => T | undefined,
  between?: Between,
): Promise<T[]> {
  const files = await readdir(directory).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  // `orders.log.1` is the generation before `orders.log`
  const logs = files.filter((name) => /\.log(\.1)?$/.test(name));
  const found = await Promise.all(
    logs.map(async (name) => {
      const ofOne: T[] = [];
      await linesWith(
        path.join(directory, name),
        wanted,
        (text) => {
          const one = pick(partOf(name), text);
          if (one !== undefined) ofOne.push(one);
        },
        between,
      );
      return ofOne;
    }),
  );
  return found.flat();
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

function parsed(text: string): Static<typeof lineSchema> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(lineSchema, value) ? value : undefined;
  } catch {
    // a line that a kill cut off is skipped
    return undefined;
  }
}
