/** Alerts on what the other alerts rely on. */
import { percentage, type RuleGroup } from './rule.ts';

/** Share of provable orders whose trace must be whole. */
const leastComplete = 0.99;

/** Share of the chosen orders that may stay without a judgement. */
const mostUnproven = 0.1;

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
        summary: `Only ${percentage} of the last orders have a whole trace`,
        next: './mesh status names the missing hops and an order with each',
      },
    },
    {
      alert: 'TracesUnproven',
      expr: `sum(shop_trace_orders{shop_outcome="unproven"}) / sum(shop_trace_orders{shop_outcome!="waiting"}) > ${mostUnproven}`,
      for: '30s',
      labels: { severity: 'ticket' },
      annotations: {
        summary: `The traces of ${percentage} of the last orders could not be judged in time`,
        next: './mesh status; Jaeger was unavailable, or forgets traces before they are read',
      },
    },
  ],
};
