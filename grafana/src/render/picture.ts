/** A dashboard as one picture. */
import { type Drawing, rect, type Shape, svgOf, text, textWidth, timeOf, together } from './chart.ts';
import { ink } from './colours.ts';
import type { FilledPanel, Panel } from './dashboard.ts';
import { type Box, layoutOf } from './layout.ts';
import { frame, inside, notice } from './panels/frame.ts';
import { stat } from './panels/stat.ts';
import { stateTimeline } from './panels/state-timeline.ts';
import { timeSeries } from './panels/time-series.ts';
import type { Event, Scene, Series } from './series.ts';

/** What the picture is. */
const origin =
  'Rendered from the data in Prometheus by grafana/src/render/main.ts. Not a screenshot of Grafana.';

/** Panels that are drawn as Grafana draws them, by their type. */
const drawers: Readonly<
  Partial<Record<string, (panel: Panel, series: readonly Series[], room: Box, scene: Scene) => Drawing>>
> = { stat, timeseries: timeSeries, 'state-timeline': stateTimeline };

/** The SVG of panels at their places on the grid. */
export function picture(title: string, panels: readonly FilledPanel[], scene: Scene): string {
  const layout = layoutOf(panels.map(({ panel }) => panel.gridPos));
  const { header, footer } = layout;
  const { range, events } = scene;
  const day = new Date(range.startMs).toISOString().slice(0, '2026-01-01'.length);
  const span = `${day}, ${timeOf(range.startMs)} to ${timeOf(range.endMs)} UTC`;

  const middle = (box: Box) => box.y + box.height / 2;
  const around: Drawing = {
    shapes: [
      text(title, header.x + 2, middle(header), { size: 16, bold: true }),
      text(span, header.x + header.width, middle(header), { fill: ink.quiet, align: 'right' }),
      ...eventNames(events, header, middle(header)),
      text(origin, footer.x + 2, middle(footer), { fill: ink.quiet, width: footer.width }),
    ],
    plots: [],
  };
  const drawn = panels.flatMap((filled, index) => {
    const box = layout.panels[index];
    return box === undefined ? [] : [panelDrawing(filled, box, scene)];
  });
  return svgOf(title, together(around, ...drawn), layout);
}

/**
 * The series that a panel shows. A stat says what is now: what has no value at the last two steps, such as an alert that has
 * ended, is not.
 */
export function shownIn({ panel, series }: FilledPanel): readonly Series[] {
  if (panel.type !== 'stat') return series;
  return series.filter(({ points }) => points.slice(-2).some(([, value]) => value !== null));
}

/** A panel in its frame, in that box. */
export function panelDrawing(filled: FilledPanel, box: Box, scene: Scene): Drawing {
  const { panel } = filled;
  if (panel.type === 'row') return rowTitle(panel.title, box);
  const around = frame(panel.title, box);
  const room = inside(box);
  const draw = drawers[panel.type];
  if (draw === undefined)
    return together(around, notice(`A panel of type “${panel.type}” is not drawn here`, room));
  const series = shownIn(filled);
  if (series.length === 0) {
    return together(around, notice(panel.fieldConfig?.defaults.noValue ?? 'No data', room));
  }
  return together(around, draw(panel, series, room, scene));
}

function rowTitle(title: string, { x, y, width, height }: Box): Drawing {
  return { shapes: [text(title, x + 2, y + height / 2, { size: 13, bold: true, width })], plots: [] };
}

/** What went on, by the colours it has behind the lines; in the middle of the header, as much as has room there. */
function eventNames(events: readonly Event[], header: Box, y: number): Shape[] {
  let x = header.x + header.width * 0.35;
  const end = header.x + header.width * 0.75;
  return events.flatMap(({ name, colour, stretches }) => {
    if (stretches.length === 0 || x + 15 > end) return [];
    const begin = x;
    x += 30 + textWidth(name, 11);
    return [
      rect({ x: begin, y: y - 5, width: 10, height: 10 }, { fill: `${colour}55` }),
      text(name, begin + 15, y, { fill: ink.quiet, width: end - begin - 15 }),
    ];
  });
}
