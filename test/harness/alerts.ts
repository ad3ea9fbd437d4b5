/** Alerts as Prometheus tells them. */
import { askPrometheus } from './prometheus.ts';

interface Alerts {
  readonly alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
}

/** Labels of each alert of that name that fires now. */
export async function firing(name: string): Promise<Readonly<Record<string, string>>[]> {
  const { alerts } = await askPrometheus<Alerts>('/api/v1/alerts');
  return alerts
    .filter((alert) => alert.state === 'firing' && alert.labels['alertname'] === name)
    .map((alert) => alert.labels);
}
