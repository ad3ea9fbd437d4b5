/** Alerts that fire now, as Prometheus tells. */

import { expectBody, requestJson } from '@microshop/program-kit/http-json';
import { type Static, Type } from 'typebox';
import { folded } from '../output/output.ts';
import { styled } from '../output/style.ts';

const alertSchema = Type.Object({
  state: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  annotations: Type.Record(Type.String(), Type.String()),
});

const answerSchema = Type.Object({ data: Type.Object({ alerts: Type.Array(alertSchema) }) });

/** An alert that fires. */
export interface Alert {
  readonly name: string;
  readonly summary: string;
}

function alertOf({ labels, annotations }: Static<typeof alertSchema>): Alert {
  return { name: labels['alertname'] ?? 'unnamed', summary: annotations['summary'] ?? '' };
}

/** Those of the Prometheus at that address; none when it does not tell, which is no reason to call a mesh unwell. */
export async function firingAlerts(prometheus: string | undefined): Promise<readonly Alert[]> {
  if (prometheus === undefined) return [];
  try {
    const { body } = await requestJson('prometheus', 'GET', `${prometheus}/api/v1/alerts`);
    const { alerts } = expectBody(answerSchema, body, 'prometheus').data;
    return alerts.filter(({ state }) => state === 'firing').map(alertOf);
  } catch {
    return [];
  }
}

/** A line for each, or several when it is long. */
export function alertLines(alerts: readonly Alert[]): string[] {
  return alerts.flatMap(({ name, summary }) => folded(`${styled('red', 'Alert')} ${name}: ${summary}`));
}
