/** Alerts as Prometheus has them, with what their rules say to do. */
import { expectBody, requestJson } from '@microshop/program-kit/http-json';
import { type Static, Type } from 'typebox';
import type { Alert } from './health-schemas.ts';

const texts = Type.Record(Type.String(), Type.String());

/** Answer of `/api/v1/rules?type=alert`, as far as it is read. */
const rulesSchema = Type.Object({
  data: Type.Object({
    groups: Type.Array(
      Type.Object({
        rules: Type.Array(
          Type.Object({
            name: Type.String(),
            alerts: Type.Array(
              Type.Object({
                state: Type.String(),
                activeAt: Type.String(),
                labels: texts,
                // with the labels filled in
                annotations: texts,
              }),
            ),
          }),
        ),
      }),
    ),
  }),
});

/** Time Prometheus may take, milliseconds. */
const limitMs = 2000;

/** Alerts that are not quiet, those that clients notice first; and the names of the quiet ones. */
export interface Alerts {
  readonly alerts: readonly Alert[];
  readonly quiet: readonly string[];
}

/** Reads them. Throws `UnreachableError` when Prometheus does not answer. */
export async function readAlerts(prometheus: string): Promise<Alerts> {
  const { body } = await requestJson('prometheus', 'GET', `${prometheus}/api/v1/rules?type=alert`, {
    limitMs,
  });
  return alertsIn(expectBody(rulesSchema, body, 'prometheus'));
}

/** What Prometheus answered, as the page shows it. */
export function alertsIn({ data: { groups } }: Static<typeof rulesSchema>): Alerts {
  const rules = groups.flatMap((group) => group.rules);
  const alerts = rules.flatMap(({ name, alerts: active }) =>
    active.map(
      ({ state, activeAt, labels, annotations }): Alert => ({
        name,
        severity: labels['severity'] ?? 'page',
        state: state === 'firing' ? 'firing' : 'pending',
        since: Date.parse(activeAt),
        summary: annotations['summary'] ?? '',
        next: annotations['next'] ?? '',
      }),
    ),
  );
  return {
    alerts: alerts.toSorted((one, other) => rank(one) - rank(other) || one.since - other.since),
    quiet: rules.filter((rule) => rule.alerts.length === 0).map(({ name }) => name),
  };
}

/** What fires comes before what may, and what clients notice before the rest. */
function rank({ state, severity }: Alert): number {
  return (state === 'firing' ? 0 : 2) + (severity === 'page' ? 0 : 1);
}
