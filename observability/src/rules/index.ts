/** Prometheus' recording and alerting rules, the same in both run modes. */
import { stringify } from 'yaml';
import { meshRules } from './mesh.ts';
import { messagingRules } from './messaging.ts';
import { objectiveRules } from './objective.ts';
import { isAlert, type RecordingRule, type RuleGroup } from './rule.ts';
import { telemetryRules } from './telemetry.ts';

export { burnFactors, recordedRatios } from './objective.ts';
export { type AlertingRule, isAlert, type RecordingRule, type RuleGroup } from './rule.ts';

/** Name of the rules' file; it lies beside Prometheus' configuration, which names it. */
export const rulesFile = 'rules.yaml';

/** Every group. */
export const ruleGroups: readonly RuleGroup[] = [objectiveRules, meshRules, messagingRules, telemetryRules];

/** Every recording rule. */
export const recordingRules: readonly RecordingRule[] = ruleGroups.flatMap(({ rules }) =>
  rules.flatMap((rule) => (isAlert(rule) ? [] : [rule])),
);

/** The rules' file, YAML: of every group, unless others are given. */
export function prometheusRules(of: readonly RuleGroup[] = ruleGroups): string {
  const groups = of.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => (isAlert(rule) ? rule : { record: rule.record, expr: rule.expr })),
  }));
  return stringify({ groups }, { lineWidth: 0 });
}
