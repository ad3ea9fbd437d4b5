/** What the native runner reports while it works, as data: to its starter, and in a file for later readers. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const partKindSchema = Type.Union([
  Type.Literal('server'),
  Type.Literal('sidecar'),
  Type.Literal('gateway'),
  Type.Literal('app'),
  Type.Literal('control'),
]);

/** What kind of thing a part is, for people and for start order's report. */
export type PartKind = Static<typeof partKindSchema>;

/** Something worth reporting. */
export const runnerEventSchema = Type.Union([
  Type.Object({ type: Type.Literal('note'), text: Type.String() }),
  /** A part does its work, `seconds` after its process was started. */
  Type.Object({
    type: Type.Literal('healthy'),
    part: Type.String(),
    kind: partKindSchema,
    seconds: Type.Number(),
  }),
  /** A part ended by itself. */
  Type.Object({
    type: Type.Literal('died'),
    part: Type.String(),
    how: Type.String(),
    lastLines: Type.Array(Type.String()),
    /** Time until it is started again, milliseconds. */
    againInMs: Type.Number(),
  }),
  /** The mesh starts without a part whose program has still to be made. */
  Type.Object({ type: Type.Literal('joins-later'), part: Type.String() }),
  /** What is being made for a part, and how far that is; reported often. */
  Type.Object({
    type: Type.Literal('making'),
    part: Type.String(),
    step: Type.String(),
    /** Share of the step that is done, 0 to 1; `null` where it is not known. */
    share: Type.Union([Type.Number(), Type.Null()]),
    /** Step and share for people. */
    text: Type.String(),
  }),
  Type.Object({ type: Type.Literal('stopped'), part: Type.String(), seconds: Type.Number() }),
  /** Something went wrong that does not stop the part. */
  Type.Object({ type: Type.Literal('warning'), part: Type.String(), text: Type.String() }),
]);

/** One of {@link runnerEventSchema}. */
export type RunnerEvent = Static<typeof runnerEventSchema>;

/** A line of the file of events: what was reported, and when. */
const loggedEventSchema = Type.Object({
  /** Milliseconds since the epoch. */
  at_ms: Type.Number(),
  event: runnerEventSchema,
});

/** An event with its time. */
export type LoggedEvent = Static<typeof loggedEventSchema>;

/** The event as a line of the file, without its end. */
export function loggedEventLine(event: LoggedEvent): string {
  return JSON.stringify(event);
}

function eventIn(line: string): LoggedEvent[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return [];
  }
  return Value.Check(loggedEventSchema, value) ? [value] : [];
}

/**
 * The events of such a file, in the order they were reported. A line that is not an event is skipped: a line that a
 * killed runner wrote half, an event of a later version.
 */
export function loggedEvents(text: string): LoggedEvent[] {
  return text.split('\n').flatMap(eventIn);
}
