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

/** What is read of a `comparison.json`; the laboratory writes more. */
export const comparisonFileSchema = Type.Object({
  /** Whether every block was run and counts. */
  valid: Type.Boolean(),
  figures: Type.Array(
    Type.Object({
      /** Whether the comparison is decided by it. */
      primary: Type.Boolean(),
      figure: Type.Object({
        name: Type.String(),
        unit: Type.String(),
        scale: Type.Number(),
        digits: Type.Integer({ minimum: 0, maximum: 20 }),
      }),
      arms: Type.Array(
        Type.Object({
          arm: Type.String(),
          // JSON has no infinity: `null`, for one that never recovers
          spread: nullable(Type.Object({ median: nullable(Type.Number()) })),
          /** Null for the first, with which the others are compared. */
          against: nullable(Type.Object({ said: Type.Object({ verdict: Type.String() }) })),
        }),
      ),
    }),
  ),
});

/** What came of a comparison, in the figure that decides it. */
export const comparisonSchema = Type.Object({
  valid: Type.Boolean(),
  figure: Type.String(),
  arms: Type.Array(
    Type.Object({
      arm: Type.String(),
      /** With its unit. */
      median: Type.String(),
      /** `better`, `worse`, `equivalent`, `cannot tell`; null for the first, with which the others are compared. */
      said: nullable(Type.String()),
    }),
  ),
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
  /** In its place, of a comparison. */
  comparison: nullable(comparisonSchema),
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

/** An experiment that was started from the page. */
export const startedSchema = Type.Object({
  name: Type.String(),
  /** Milliseconds since the epoch. */
  at: Type.Integer(),
  /** Exit code of the command; null while it runs. */
  code: nullable(Type.Integer()),
  /** The last lines that it printed. */
  lines: Type.Array(Type.String()),
});

/** An experiment that was started from the page. */
export type Started = Static<typeof startedSchema>;

/** Where one is started (POST), asked to end early (DELETE), and watched (GET). */
export const startedPath = '/api/console/experiments/started';

/** Body of POST. */
export const startSchema = Type.Object(
  { name: Type.String({ maxLength: 100 }) },
  { additionalProperties: false },
);

/** Answer of all three. */
export const watchSchema = Type.Object({
  /** What can be run from the page; null where it cannot start anything, as in containers. */
  names: nullable(Type.Array(Type.String())),
  started: nullable(startedSchema),
});
