/** What the view of health gets of its own; audits and traces have an API that the command shares. */
import { type Static, Type } from 'typebox';
import { liveInvariantSchema } from '../audit/live.ts';
import { nullable } from './schemas.ts';

/** A promise to clients, and what is left of what may go wrong. */
const promiseSchema = Type.Object({
  says: Type.String(),
  /** Share that must be good, 0 to 1. */
  target: Type.Number(),
  /** Share that was good; null when nothing was asked for. */
  kept: nullable(Type.Number()),
  /** Share of the budget that is left, 1 to 0; below 0 when the promise is broken. */
  budget_left: nullable(Type.Number()),
});

/** The objective of placing an order. */
export const objectiveSchema = Type.Object({
  /** Time that the budget is for, minutes. */
  period_minutes: Type.Integer(),
  promises: Type.Array(promiseSchema),
  /** How many times faster than it lasts the error budget burns, over each window of the alerts: `5m`. */
  burns: Type.Array(Type.Object({ window: Type.String(), factor: nullable(Type.Number()) })),
  /** Factors from which on alerts fire. */
  limits: Type.Object({ warn: Type.Number(), bad: Type.Number() }),
});

/** The objective of placing an order. */
export type ObjectiveNow = Static<typeof objectiveSchema>;

/** An alert that fires, or will when it lasts. */
export const alertSchema = Type.Object({
  name: Type.String(),
  /** `page`: clients notice or soon will. `ticket`: it can wait until tomorrow. */
  severity: Type.String(),
  state: Type.Enum(['firing', 'pending']),
  /** Milliseconds since the epoch. */
  since: Type.Integer(),
  /** What is wrong. */
  summary: Type.String(),
  /** What to do. */
  next: Type.String(),
});

/** An alert that fires, or will when it lasts. */
export type Alert = Static<typeof alertSchema>;

/** Body of `GET /api/console/health`. */
export const healthSchema = Type.Object({
  /** Null when Prometheus does not answer. */
  objective: nullable(objectiveSchema),
  /** Alerts that are not quiet; null when Prometheus does not answer. */
  alerts: nullable(Type.Array(alertSchema)),
  /** Names of the alerts that are quiet. */
  quiet: Type.Array(Type.String()),
  /** I5 to I8; an audit has the others. */
  invariants: Type.Array(liveInvariantSchema),
  /** What cannot be read now, and why, a sentence each. */
  lacks: Type.Array(Type.String()),
});

/** Whether the mesh keeps what it promises. */
export type Health = Static<typeof healthSchema>;
