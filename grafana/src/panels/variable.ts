/** Choices at the top of a dashboard. */
import {
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { prometheus } from '../datasources.ts';

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

/** The value that stands for all of them; it also matches series that come later. */
export const allValues = '.*';

/** `LabelValues` of Grafana's Prometheus data source. */
const labelValuesQuery = 1;

/** Several values or all, all by default. */
export function labelVariable({
  name,
  label,
  description,
  of,
  labelName,
}: LabelVariable): QueryVariableBuilder {
  const query = `label_values(${of}, ${labelName})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(prometheus)
    .query({ qryType: labelValuesQuery, query, refId: 'A' })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(allValues)
    .current({ selected: true, text: 'All', value: '$__all' });
}
