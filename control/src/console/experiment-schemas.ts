/** Past runs of experiments as the page gets them. */
import { type Static, Type } from 'typebox';
import { nullable } from './schemas.ts';

/** Verdicts on a run. */
export const verdicts = ['PASS', 'FAIL', 'INVALID'] as const;

/** What is read of a `report.json`; the laboratory writes more. */
export const reportSchema = Type.Object({
  hypothesis: Type.String(),
  verdict: Type.Enum([...verdicts]),
  /** Sentences; none when it passed. */
  reasons: Type.Array(Type.String()),
  /** What runs the same again. */
  command: Type.String(),
});

/** A run. */
export const runSchema = Type.Object({
  /** Name of its folder. */
  folder: Type.String(),
  /** `abort-30`, or `abort-30.mutant`. */
  name: Type.String(),
  /** When it began, milliseconds since the epoch. */
  at: Type.Integer(),
  /** Null while it is under way, and when it broke before there was one. */
  report: nullable(reportSchema),
  /** Whether it left a page. */
  page: Type.Boolean(),
});

/** A run. */
export type Run = Static<typeof runSchema>;

/** Query of `GET /api/console/experiments`. */
export const runQuerySchema = Type.Object(
  { name: Type.Optional(Type.String({ maxLength: 100 })) },
  { additionalProperties: false },
);

/** Body of `GET /api/console/experiments`: the youngest first. */
export const runListSchema = Type.Object({
  runs: Type.Array(runSchema),
  /** Names of what was ever run. */
  names: Type.Array(Type.String()),
  /** How many there are, of which `runs` are the youngest. */
  count: Type.Integer(),
  /** What cannot be read, and why, a sentence each. */
  lacks: Type.Array(Type.String()),
});

/** Past runs. */
export type RunList = Static<typeof runListSchema>;

/** Where the page of a run is. */
export const runPagePath = (folder: string) => `/api/console/experiments/${folder}/page`;
