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

/** Longest time that is shown, minutes: Prometheus keeps no more than a lab needs. */
export const longestMinutes = 360;

/** The last moment that JavaScript has a date for, milliseconds since the epoch. */
const lastDateMs = 8_640_000_000_000_000;

/** Query of `GET /api/console/dashboards/{uid}`. */
export const dashboardQuerySchema = Type.Object(
  {
    minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: longestMinutes })),
    /** Where it ends, milliseconds since the epoch; without it now. */
    until: Type.Optional(Type.Integer({ minimum: 0, maximum: lastDateMs })),
    /** Values of variables, `service:orders,caller:gateway`; nothing that means something in PromQL. */
    choose: Type.Optional(Type.String({ pattern: '^\\w+:[\\w-]+(,\\w+:[\\w-]+)*$', maxLength: 200 })),
  },
  { additionalProperties: false },
);

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
