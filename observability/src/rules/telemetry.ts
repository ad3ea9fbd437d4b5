/** Alerts on what the other alerts rely on. */
import type { RuleGroup } from './rule.ts';

/** Share of provable orders whose trace must be whole. */
const leastComplete = 0.99;

/** Rules about telemetry itself. */
export const telemetryRules: RuleGroup = {
  name: 'telemetry',
  rules: [
    {
      alert: 'TargetDown',
      expr: 'up == 0',
      for: '15s',
      labels: { severity: 'page' },
      annotations: {
        summary: 'Prometheus cannot read {{ $labels.job }} at {{ $labels.instance }}',
        next: './mesh status',
      },
    },
    {
      alert: 'TracesIncomplete',
      expr: `shop_trace_completeness_ratio < ${leastComplete}`,
      for: '30s',
      labels: { severity: 'ticket' },
      annotations: {
        summary: 'Only {{ $value | humanizePercentage }} of the last orders have a whole trace',
        next: './mesh status names the missing hops and an order with each',
      },
    },
  ],
};
