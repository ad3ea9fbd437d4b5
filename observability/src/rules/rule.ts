/** The shape of Prometheus' rules, as far as they are used here. */

/** A series computed ahead of time. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  /** What it tells; for people, Prometheus has no place for it. */
  readonly meaning: string;
}

/** Something a person should look at. */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  /** How long the expression must hold. */
  readonly for: string;
  readonly labels: {
    /** `page`: clients notice or soon will. `ticket`: it can wait until tomorrow. */
    readonly severity: 'page' | 'ticket';
  };
  readonly annotations: {
    /** What is wrong; labels are filled in. */
    readonly summary: string;
    /** Where to look next. */
    readonly next: string;
  };
}

/** The value of an alert, a share, as a summary says it: `52.2 %`. */
export const percentage =
  '{{ $value | humanizePercentage | reReplaceAll "^([0-9]+([.][0-9])?)[0-9]*%$" "$1 %" }}';

/** Rules evaluated together. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** True for an alert. */
export function isAlert(rule: RecordingRule | AlertingRule): rule is AlertingRule {
  return 'alert' in rule;
}
