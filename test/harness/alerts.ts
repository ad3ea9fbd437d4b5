/** Alerts as Prometheus tells them. */
import { mesh } from './mesh.ts';

interface AlertsAnswer {
  readonly data: {
    readonly alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
  };
}

/** Labels of each alert of that name that fires now. */
export async function firing(name: string): Promise<Readonly<Record<string, string>>[]> {
  const response = await fetch(new URL('/api/v1/alerts', mesh.prometheus), {
    signal: AbortSignal.timeout(10_000),
  });
  const { data }: AlertsAnswer = JSON.parse(await response.text());
  return data.alerts
    .filter((alert) => alert.state === 'firing' && alert.labels['alertname'] === name)
    .map((alert) => alert.labels);
}
