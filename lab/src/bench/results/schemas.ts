/** What a comparison leaves on disk, a file for each. */
import { type Static, Type } from 'typebox';
import { rows } from '../cpu/table.ts';

const milliseconds = Type.Number();

/** One run of one side. */
export const runSchema = Type.Object({
  /** Orders that were accepted, and that were not (5xx, 429). */
  accepted: Type.Integer(),
  refused: Type.Integer(),
  /** From the first request to the last answer, and to the end of the last order, seconds. */
  placing_s: Type.Number(),
  ending_s: Type.Number(),
  /** Time to the answer, of the accepted ones. */
  latency_ms: Type.Object({ p50: milliseconds, p99: milliseconds }),
  /** CPU time from the first request to the end of the last order, by who used it; adds up to `machine_ms`. */
  cpu_ms: Type.Record(Type.Enum([...rows]), milliseconds),
  machine_ms: milliseconds,
  /** What the hypervisor gave to other machines. */
  stolen_ms: milliseconds,
  /** A piece of work that is always the same, timed before and after. */
  calibration_ms: Type.Tuple([milliseconds, milliseconds]),
  /** Why what the orders left is not what it must be; absent when it is. */
  fault: Type.Optional(Type.String()),
});

/** One run of one side. */
export type Run = Static<typeof runSchema>;

/** One run of each side, next to each other in time. */
export const pairSchema = Type.Object({
  /** Its place in the plan, from 0. */
  index: Type.Integer(),
  /** Which side was first: 0 or 1. */
  first: Type.Integer(),
  at: Type.String(),
  runs: Type.Tuple([runSchema, runSchema]),
  /** Why it proves nothing; empty when it does. */
  invalid: Type.Array(Type.String()),
});

/** One run of each side. */
export type Pair = Static<typeof pairSchema>;

/** Where and of what it was measured. */
export const environmentSchema = Type.Object({
  cpu: Type.String(),
  cores: Type.Integer(),
  memory_mib: Type.Integer(),
  kernel: Type.String(),
  node: Type.String(),
  /** Versions of the servers, by name. */
  servers: Type.Record(Type.String(), Type.String()),
  /** The commit that was checked out, and whether files differed from it. */
  commit: Type.String(),
  changed: Type.Boolean(),
  /** Digest of how they differ; absent when none does, or there is no git to say. */
  changes: Type.Optional(Type.String()),
});

/** Where and of what it was measured. */
export type Environment = Static<typeof environmentSchema>;

/** The file of a comparison. */
export const resultSchema = Type.Object({
  comparison: Type.String(),
  says: Type.String(),
  sides: Type.Tuple([Type.String(), Type.String()]),
  /** What was typed for the latest pair. */
  command: Type.String(),
  environment: environmentSchema,
  /** What decides whether kept pairs and new ones belong together. */
  plan: Type.Object({
    pairs: Type.Integer(),
    seconds: Type.Integer(),
    warm_up_s: Type.Integer(),
    /** Orders per second of an open load. */
    rate: Type.Optional(Type.Integer()),
  }),
  pairs: Type.Array(pairSchema),
  /** Pairs that proved nothing and were measured again, with the reasons. */
  discarded: Type.Array(pairSchema),
});

/** What is typed to go on with what is kept: with `--fresh` it would begin again. */
export function goOn({ command }: { readonly command: string }): string {
  return command.replaceAll(' --fresh', '');
}

/** The file of a comparison. */
export type Result = Static<typeof resultSchema>;
