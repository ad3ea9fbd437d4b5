/** A query of a panel. */
import {
  DataqueryBuilder,
  PromQueryFormat,
  QueryEditorMode,
} from '@grafana/grafana-foundation-sdk/prometheus';
import { prometheus } from '../datasources.ts';

/** What a panel asks Prometheus. */
export interface Query {
  /** PromQL; `$__rate_interval` and the dashboard's variables may stand in it. */
  readonly expr: string;
  /** Name of a series, with its labels as `{{label}}`. */
  readonly legend: string;
  /** Whether to show single traces as dots. Only histograms of spanmetrics have them. */
  readonly exemplars?: boolean;
}

/** The queries for Grafana, named A, B, …: over the time range shown, or `now` for its end alone. */
export function targets(queries: readonly Query[], now = false): DataqueryBuilder[] {
  return queries.map(({ expr, legend, exemplars = false }, index) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + index))
      .datasource(prometheus)
      .editorMode(QueryEditorMode.Code)
      .format(PromQueryFormat.TimeSeries)
      .expr(expr)
      .legendFormat(legend)
      .exemplar(exemplars);
    return now ? query.instant() : query.range();
  });
}
