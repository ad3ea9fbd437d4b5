/** Choices at the top of a dashboard. */
import {
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { portOf } from '@microshop/topology';
import { prometheus } from '../datasources.ts';
import * as edges from '../queries/edges.ts';
import { allValues } from '../queries/promql.ts';

/** A choice among the values that a label has on a metric. */
export interface LabelVariable {
  /** Name in queries: `$name`, in a matcher with `=~`. */
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** Metric, or selector, whose label it is. */
  readonly of: string;
  readonly labelName: string;
}

/** `LabelValues` of Grafana's Prometheus data source. */
const labelValuesQuery = 1;

/** Several values or all, all by default. */
export function labelVariable(variable: LabelVariable): QueryVariableBuilder {
  return choice(variable)
    .multi(true)
    .includeAll(true)
    .allValue(allValues)
    .current({ selected: true, text: 'All', value: '$__all' });
}

/** Exactly one value, `first` by default. */
export function oneOfLabel(variable: LabelVariable, first: string): QueryVariableBuilder {
  return choice(variable).current({ selected: true, text: first, value: first });
}

function choice({ name, label, description, of, labelName }: LabelVariable): QueryVariableBuilder {
  const query = `label_values(${of}, ${labelName})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(prometheus)
    .query({ qryType: labelValuesQuery, query, refId: 'A' })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}

/** Choices among the edges: who calls, and who is called. */
export const edgeVariables: readonly QueryVariableBuilder[] = [
  labelVariable({
    name: 'caller',
    label: 'Caller',
    description: 'Callers of the edges that are shown.',
    of: `envoy_cluster_upstream_rq_total{${edges.calleeMatcher}}`,
    labelName: edges.callerLabel,
  }),
  labelVariable({
    name: 'callee',
    label: 'Callee',
    description: 'Callees of the edges that are shown.',
    of: `envoy_cluster_upstream_rq_total{${edges.calleeMatcher}}`,
    labelName: edges.calleeLabel,
  }),
];

/** Name of the variable that holds Jaeger's address. */
export const jaegerVariable = 'jaeger';

const usualJaeger = `http://127.0.0.1:${portOf('jaeger', 1, {})}`;

/** Jaeger as the browser reaches it; to be changed by who has chosen another port. */
export const jaegerAddress = new TextBoxVariableBuilder(jaegerVariable)
  .label('Jaeger')
  .description('Where links to traces lead. Change it when MESH_PORT_JAEGER is not the usual one.')
  .defaultValue(usualJaeger)
  .current({ selected: true, text: usualJaeger, value: usualJaeger });
