/** What a set of figures leaves on disk, a file for each. */
import { type Static, Type } from 'typebox';
import { environmentSchema, runSchema } from '../results/schemas.ts';

const { cpu_ms, machine_ms, stolen_ms, calibration_ms } = runSchema.properties;

/** CPU of the machine over a stretch of time. */
export const spanSchema = Type.Object({
  name: Type.String(),
  /** Whether the mesh had something to do; else it was left alone. */
  busy: Type.Boolean(),
  seconds: Type.Number(),
  cpu_ms,
  machine_ms,
  stolen_ms,
});

/** CPU of the machine over a stretch of time. */
export type Span = Static<typeof spanSchema>;

/** A number and what it is of. */
export const figureSchema = Type.Object({
  /** With its unit. */
  name: Type.String(),
  value: Type.Number(),
  /** What it is made of, by row of the CPU table; absent when it is not a sum. */
  of: Type.Optional(Type.Record(Type.String(), Type.Number())),
});

/** A number and what it is of. */
export type Figure = Static<typeof figureSchema>;

/** All figures of a set, measured once. */
export const measurementSchema = Type.Object({
  /** Its place among those of the set, from 0. */
  index: Type.Integer(),
  at: Type.String(),
  figures: Type.Array(figureSchema),
  spans: Type.Array(spanSchema),
  /** A piece of work that is always the same, timed before and after. */
  calibration_ms,
  /** Why it proves nothing; empty when it does. */
  invalid: Type.Array(Type.String()),
});

/** All figures of a set, measured once. */
export type Measurement = Static<typeof measurementSchema>;

/** The file of a set. */
export const keptFiguresSchema = Type.Object({
  set: Type.String(),
  says: Type.String(),
  /** What was typed for the latest measurement. */
  command: Type.String(),
  environment: environmentSchema,
  /** How often it is measured. */
  times: Type.Integer(),
  measurements: Type.Array(measurementSchema),
  /** Those that proved nothing and were taken again. */
  discarded: Type.Array(measurementSchema),
});

/** The file of a set. */
export type KeptFigures = Static<typeof keptFiguresSchema>;
