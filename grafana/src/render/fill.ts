/** A dashboard with what Prometheus returns for its queries: what a picture and a page draw. */
import { scrapeIntervalSeconds } from '@microshop/observability';
import { parseDashboard, queriesOf } from '../check/queries.ts';
import { colourOf } from './colours.ts';
import { type Drawn, drawnOf, type FilledPanel, rowNamed } from './dashboard.ts';
import { queryRange } from './prometheus.ts';
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
}

/** A filled dashboard. */
export interface Filled extends Pick<Drawn, 'title'> {
  readonly panels: readonly FilledPanel[];
  readonly scene: Scene;
}

/** Asks for everything at once. Throws when Prometheus does not answer, or the JSON cannot be drawn. */
export async function filled(json: string, { prometheus, range, row, chosen }: Wanted): Promise<Filled> {
  const { title, panels, annotations } = drawnOf(json);
  const dashboard = parseDashboard(json);
  const queries = Map.groupBy(queriesOf(dashboard, chosen), ({ name }) => name);

  /** What the query of that name returns. */
  const seriesOfQuery = async (what: string, legend: string): Promise<Series[]> => {
    const name = `${dashboard.uid} / ${what}`;
    const [query, ...others] = queries.get(name) ?? [];
    if (query === undefined) throw new Error(`There is no query ${name}`);
    if (others.length > 0) throw new Error(`There are several queries ${name}: titles must differ`);
    const sampled = await queryRange(prometheus, query.expr, range);
    return sampled.map((one) => seriesOf(one, legend, range));
  };

  const [filledPanels, events] = await Promise.all([
    Promise.all(
      (row === undefined ? panels : rowNamed(panels, row)).map(async (panel) => {
        const found = (panel.targets ?? []).map(({ refId, legendFormat = '' }) =>
          seriesOfQuery(`${panel.title} / ${refId}`, legendFormat),
        );
        return { panel, series: (await Promise.all(found)).flat() };
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
