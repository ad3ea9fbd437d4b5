/** Panels that show which of a few states things are in, over time. */
import {
  LegendDisplayMode,
  LegendPlacement,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { prometheus } from '../datasources.ts';
import { type Query, targets } from './target.ts';
import { nothingYet } from './time-series.ts';
import { units } from './units.ts';

/** A state: the value a query has then, and how it looks. */
export interface State {
  readonly value: number;
  readonly text: string;
  readonly colour: string;
}

/** What {@link states} shows. */
export interface States {
  readonly title: string;
  readonly description: string;
  readonly query: Query;
  readonly states: readonly State[];
  /** Of the 24 columns; half by default. */
  readonly width?: number;
}

/** Height of these panels, grid rows; as high as lines beside them. */
const height = 8;

/** A band for each series, coloured by its state. */
export function states({ title, description, query, states: known, width = 12 }: States): PanelBuilder {
  const options = Object.fromEntries(
    known.map(({ value, text, colour }, index) => [String(value), { text, color: colour, index }]),
  );
  return new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(prometheus)
    .unit(units.state)
    .span(width)
    .height(height)
    .targets(targets([query]))
    .noValue(nothingYet)
    .mappings([{ type: MappingType.ValueToText, options }])
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .lineWidth(0)
    .fillOpacity(80)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    );
}
