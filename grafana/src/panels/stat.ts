/** Panels that show one number. */
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { prometheus } from '../datasources.ts';
import { type Query, targets } from './target.ts';
import { type Limits, thresholds } from './thresholds.ts';
import type { Unit } from './units.ts';

/** What {@link stat} shows. */
export interface Stat {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly query: Query;
  /** Without limits the number is neither good nor bad: blue. */
  readonly limits?: Limits;
  /** What stands there when the query returns nothing, as on a mesh that nobody has used yet. */
  readonly whenEmpty: string;
  /** Whether each series shows its name beside its value. */
  readonly named?: boolean;
}

/**
 * What a query says at the end of the time shown, and nothing older: over a range the last value would stay there when
 * traffic has ended. Four stand in a row.
 */
export function stat(panel: Stat): PanelBuilder {
  const { title, description, unit, query, limits, whenEmpty, named = false } = panel;
  const plain = new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: 'blue' }]);
  return new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(prometheus)
    .unit(unit)
    .span(6)
    .height(4)
    .targets(targets([{ ...query, expr: withoutNaN(query.expr) }], true))
    .thresholds(limits === undefined ? plain : thresholds(limits))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .textMode(named ? BigValueTextMode.ValueAndName : BigValueTextMode.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .noValue(whenEmpty);
}

/** Leaves out a share of nothing and a quantile of nothing: Grafana would print `NaN`. */
function withoutNaN(expr: string): string {
  return `(${expr}) > -Inf`;
}
