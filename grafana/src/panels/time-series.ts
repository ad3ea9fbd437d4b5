/** Panels that show values over time. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { prometheus } from '../datasources.ts';
import { type Query, targets } from './target.ts';
import { type Limits, thresholds } from './thresholds.ts';
import type { Unit } from './units.ts';

/** What {@link timeSeries} shows. */
export interface TimeSeries {
  readonly title: string;
  /** What the panel tells and what to look for; Grafana shows it at the title. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Lines across the panel. */
  readonly limits?: Limits;
  /** Whether the series are parts of a whole. */
  readonly stacked?: boolean;
  /** Of the 24 columns; half by default. */
  readonly width?: number;
  /** Where a point of a line leads. */
  readonly links?: readonly Builder<DashboardLink>[];
  /** What stands there when no query returns anything; by default that there was nothing yet. */
  readonly whenEmpty?: string;
  /** Colours that mean something: name of the series → colour. */
  readonly colours?: Readonly<Record<string, string>>;
}

/** Height of these panels, grid rows of about 38 pixels. */
const height = 8;

/** Of a mesh that nobody has used yet. */
export const nothingYet = 'nothing yet';

/** A panel of lines. */
export function timeSeries(panel: TimeSeries): PanelBuilder {
  const { limits, stacked = false, links = [], colours = {}, whenEmpty = nothingYet } = panel;
  const builder = new PanelBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(prometheus)
    .unit(panel.unit)
    .min(0)
    .span(panel.width ?? 12)
    .height(height)
    .targets(targets(panel.queries))
    .noValue(whenEmpty)
    .lineWidth(2)
    .fillOpacity(stacked ? 30 : 8)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (stacked) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (links.length > 0) builder.dataLinks([...links]);
  if (limits !== undefined) {
    builder
      .thresholds(thresholds(limits))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  for (const [name, fixedColor] of Object.entries(colours)) {
    builder.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor } }]);
  }
  return builder;
}
