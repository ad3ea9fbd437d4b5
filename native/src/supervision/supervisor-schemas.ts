/** What supervisor and CLI say to each other over the socket. */

import { longestFaultMs, timedFaultNames } from '@microshop/program-kit/process-faults';
import { type Static, Type } from 'typebox';

const nullable = <const T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** What a part's program still needs before it is there; see `PartMaking`. */
const partMakingSchema = Type.Object({
  step: Type.String(),
  share: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  seconds_left: nullable(Type.Number()),
});

/** One part of {@link meshStatusSchema}. */
export const partStatusSchema = Type.Object({
  name: Type.String(),
  kind: Type.String(),
  state: Type.String(),
  pid: nullable(Type.Integer()),
  healthy: Type.Boolean(),
  restarts: Type.Integer(),
  rss_bytes: nullable(Type.Integer()),
  uptime_s: nullable(Type.Number()),
  last_exit: nullable(Type.String()),
  making: nullable(partMakingSchema),
});

/** Body of `GET /parts`, and of `./mesh status --json`. */
export const meshStatusSchema = Type.Object({
  instance: Type.Integer(),
  /** Whether a supervisor runs. */
  running: Type.Boolean(),
  /** `starting`, `up`, `stopping`; `down` when nothing runs, `lost` when a killed supervisor has left parts running. */
  state: Type.String(),
  /** Every part is healthy. */
  healthy: Type.Boolean(),
  supervisor_pid: nullable(Type.Integer()),
  /** Replicas of each service. */
  replicas: Type.Record(Type.String(), Type.Integer()),
  /** Where things are reached, by what they are. */
  urls: Type.Record(Type.String(), Type.String()),
  parts: Type.Array(partStatusSchema),
});

/** The state of a whole mesh. */
export type MeshStatus = Static<typeof meshStatusSchema>;

/** Body of `GET /mesh`: what is known without asking any part. */
export const meshPlaceSchema = Type.Object({
  state: Type.String(),
  urls: Type.Record(Type.String(), Type.String()),
});

/** Where a mesh is that a supervisor runs. */
export type MeshPlace = Static<typeof meshPlaceSchema>;

/** Body of `POST /parts/:name/:action`. */
export const partActionSchema = Type.Object({ part: partStatusSchema });

/** `:name` and `:action`. */
export const partActionParams = Type.Object({
  name: Type.String(),
  action: Type.Union([Type.Literal('start'), Type.Literal('stop'), Type.Literal('restart')]),
});

/** What can be done to one part. */
export type PartAction = Static<typeof partActionParams>['action'];

/**
 * Body of `POST /parts/:name/fault`: kill it as a crash would; for a time (milliseconds) suspend it, leave it down, or put it
 * into a state that it knows.
 */
export const processFaultSchema = Type.Union([
  Type.Object({ kind: Type.Literal('kill') }),
  Type.Object({
    kind: Type.Enum([...timedFaultNames]),
    ms: Type.Integer({ minimum: 1, maximum: longestFaultMs }),
  }),
]);

/** A failure of a process on purpose. */
export type ProcessFault = Static<typeof processFaultSchema>;

/** Body of its answer: the process it was done to. */
export const processFaultAnswerSchema = Type.Object({ pid: Type.Integer() });

/** Body of `GET /parts/:name/fault`: what the server says of its state; `null` when it is in none that it was put into. */
export const impairedSchema = nullable(
  Type.Object({ in_effect: Type.Boolean(), hits: Type.Integer(), counted: Type.String() }),
);

/** `:name`. */
export const partParams = Type.Object({ name: Type.String() });

/** Body of every failure. */
export const failureSchema = Type.Union([
  Type.Object({
    code: Type.Literal('unknown_part'),
    message: Type.String(),
    part: Type.String(),
    /** Names that there are. */
    known: Type.Array(Type.String()),
  }),
  Type.Object({
    code: Type.Enum(['not_up', 'no_process', 'no_impairment', 'part_failed', 'internal']),
    message: Type.String(),
  }),
]);

/** A failure. */
export type Failure = Static<typeof failureSchema>;
