/** A dashboard with what Prometheus returns for its queries: what a picture and a page draw. */
import { scrapeIntervalSeconds } from '@microshop/observability';
import { parseDashboard, queriesOf } from '../check/queries.ts';
import { colourOf } from './colours.ts';
import { type Drawn, drawnOf, type FilledPanel, type Panel, rowNamed } from './dashboard.ts';
import { type Exemplar, exemplarsOf, queryRange } from './prometheus.ts';
import { type Range, rangeOf, type Scene, type Series, seriesOf, stretchesOf } from './series.ts';

/** The minutes until that time, milliseconds since the epoch, as Prometheus has them. */
export function rangeUntil(untilMs: number, minutes: number): Range {
  return rangeOf(untilMs, minutes, scrapeIntervalSeconds);
}

/** What is filled. */
export interface Wanted {
  /** `http://host:port`. */
  readonly prometheus: string;
  readonly range: Range;
  /** Title of a row; without one all are. */
  readonly row?: string | undefined;
  /** Values of variables by their names; the others are set to all. */
  readonly chosen?: ReadonlyMap<string, string>;
  /** Whether traces are wanted among the values, where the dashboard has them. */
  readonly exemplars?: boolean;
}

/** A filled dashboard. */
export interface Filled extends Pick<Drawn, 'title'> {
  readonly panels: readonly FilledPanel[];
  readonly scene: Scene;
}

/** Asks for everything at once. Throws when Prometheus does not answer, or the JSON cannot be drawn. */
export async function filled(
  json: string,
  { prometheus, range, row, chosen, exemplars = false }: Wanted,
): Promise<Filled> {
  const { title, panels, annotations } = drawnOf(json);
  const dashboard = parseDashboard(json);
  const queries = Map.groupBy(queriesOf(dashboard, chosen), ({ name }) => name);

  const exprOf = (what: string): string => {
    const name = `${dashboard.uid} / ${what}`;
    const [query, ...others] = queries.get(name) ?? [];
    if (query === undefined) throw new Error(`There is no query ${name}`);
    if (others.length > 0) throw new Error(`There are several queries ${name}: titles must differ`);
    return query.expr;
  };

  /** What the query of that name returns. */
  const seriesOfQuery = async (what: string, legend: string): Promise<Series[]> => {
    const sampled = await queryRange(prometheus, exprOf(what), range);
    return sampled.map((one) => seriesOf(one, legend, range));
  };

  /** Traces among the values of a panel. */
  const exemplarsIn = async ({ title, targets = [] }: Panel): Promise<Exemplar[]> => {
    const wanted = exemplars ? targets.filter(({ exemplar = false }) => exemplar) : [];
    const found = await Promise.all(
      wanted.map(({ refId }) => exemplarsOf(prometheus, exprOf(`${title} / ${refId}`), range)),
    );
    return found.flat();
  };

  const [filledPanels, events] = await Promise.all([
    Promise.all(
      (row === undefined ? panels : rowNamed(panels, row)).map(async (panel) => {
        const found = (panel.targets ?? []).map(({ refId, legendFormat = '' }) =>
          seriesOfQuery(`${panel.title} / ${refId}`, legendFormat),
        );
        const [series, traces] = await Promise.all([Promise.all(found), exemplarsIn(panel)]);
        return { panel, series: series.flat(), exemplars: traces };
      }),
    ),
    Promise.all(
      annotations.map(async ({ name, titleFormat = '', iconColor }) =>
        (await seriesOfQuery(`@${name}`, titleFormat)).map((series) => ({
          name: series.name,
          colour: colourOf(iconColor),
          stretches: stretchesOf(series, range.stepMs),
        })),
      ),
    ),
  ]);
  return { title, panels: filledPanels, scene: { range, events: events.flat() } };
}
