/** Panels that show one number. */
import {
  BigValueColorMode,
  BigValueGraphMode,
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
  /** What stands there when the query returns nothing, where that is as it should be. */
  readonly whenEmpty?: string;
}

/** The latest value of a query, over its course. Four stand in a row. */
export function stat({ title, description, unit, query, limits, whenEmpty }: Stat): PanelBuilder {
  const plain = new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: 'blue' }]);
  const builder = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(prometheus)
    .unit(unit)
    .span(6)
    .height(4)
    .targets(targets([query]))
    .thresholds(limits === undefined ? plain : thresholds(limits))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  return whenEmpty === undefined ? builder : builder.noValue(whenEmpty);
}
