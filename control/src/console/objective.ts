/** Whether the promise to clients is kept, and how fast its budget burns: the queries of the dashboards. */
import * as queries from '@microshop/grafana/queries/objective';
import { placeOrderObjective } from '@microshop/topology';
import { samplesNow } from '../service/apps.ts';
import type { ObjectiveNow } from './health-schemas.ts';

const { availability, latency, periodMinutes } = placeOrderObjective;

/** Reads it. Throws `UnreachableError` when Prometheus does not answer. */
export async function readObjective(prometheus: string): Promise<ObjectiveNow> {
  const read = async (query: string): Promise<number | null> => {
    const [sample] = await samplesNow(prometheus, query);
    const value = Number(sample?.value[1] ?? Number.NaN);
    // zero of zero requests
    return Number.isFinite(value) ? value : null;
  };
  const [available, inTime, errorBudget, latencyBudget, burns] = await Promise.all([
    read(queries.available),
    read(queries.inTime),
    read(queries.errorBudgetLeft),
    read(queries.latencyBudgetLeft),
    Promise.all(queries.burnRates.map(async ({ window, expr }) => ({ window, factor: await read(expr) }))),
  ]);
  const percent = (share: number) => `${Number((share * 100).toFixed(3))} %`;
  return {
    period_minutes: periodMinutes,
    promises: [
      {
        says: `${percent(availability)} of the orders that are placed get no 5xx`,
        target: availability,
        kept: available,
        budget_left: errorBudget,
      },
      {
        says: `${percent(latency.share)} are answered within ${latency.ms} ms`,
        target: latency.share,
        kept: inTime,
        budget_left: latencyBudget,
      },
    ],
    burns,
    limits: queries.burnLimits,
  };
}
