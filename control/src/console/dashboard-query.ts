/** What the page asks of a dashboard. Its address is checked against this, before anything that draws one is loaded. */
import { Type } from 'typebox';

/** Longest time that is shown, minutes: Prometheus keeps no more than a lab needs. */
const longestMinutes = 360;

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
