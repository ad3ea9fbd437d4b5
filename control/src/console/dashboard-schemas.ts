/** The dashboards as the page gets them: panels of the committed JSON, each with what its queries returned. */
import { panelSchema } from '@microshop/grafana/render/dashboard';
import { type Static, Type } from 'typebox';
import { nullable } from './schemas.ts';

/** Body of `GET /api/console/dashboards`. */
export const dashboardListSchema = Type.Object({
  dashboards: Type.Array(
    Type.Object({
      uid: Type.String(),
      title: Type.String(),
      description: Type.String(),
      /** Minutes that it shows when nobody chooses others. */
      minutes: Type.Integer(),
    }),
  ),
});

const millisecondsSchema = Type.Number();

/** Body of `GET /api/console/dashboards/{uid}`. */
export const dashboardSchema = Type.Object({
  title: Type.String(),
  range: Type.Object({
    startMs: millisecondsSchema,
    endMs: millisecondsSchema,
    /** Between two values. */
    stepMs: millisecondsSchema,
  }),
  /** What went on meanwhile: faults that were set. */
  events: Type.Array(
    Type.Object({
      name: Type.String(),
      colour: Type.String(),
      stretches: Type.Array(
        Type.Object({ fromMs: millisecondsSchema, toMs: millisecondsSchema, value: Type.Number() }),
      ),
    }),
  ),
  panels: Type.Array(
    Type.Object({
      panel: panelSchema,
      /** A value for each step of the range. */
      series: Type.Array(Type.Object({ name: Type.String(), values: Type.Array(nullable(Type.Number())) })),
      /** Traces among the values: the slowest ones. */
      traces: Type.Array(
        Type.Object({ atMs: millisecondsSchema, value: Type.Number(), traceId: Type.String() }),
      ),
    }),
  ),
  /** What can be chosen. */
  variables: Type.Array(
    Type.Object({
      name: Type.String(),
      label: Type.String(),
      values: Type.Array(Type.String()),
      /** Null: all of them. */
      chosen: nullable(Type.String()),
      /** Whether all can be shown at once. */
      all: Type.Boolean(),
    }),
  ),
});

/** A dashboard with its data. */
export type DashboardData = Static<typeof dashboardSchema>;
