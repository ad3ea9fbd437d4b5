/** The latest number of a query over its course. */
import { type Drawing, text, together } from '../chart.ts';
import { ink } from '../colours.ts';
import type { Panel } from '../dashboard.ts';
import type { Box } from '../layout.ts';
import { calculated, type Range, type Scene, type Series } from '../series.ts';
import { colourOfValue, valueText } from './look.ts';

/** Share of the room that the course takes, below the number. */
const courseShare = 0.4;

/** One number for each series, side by side. */
export function stat(panel: Panel, series: readonly Series[], room: Box, { range }: Scene): Drawing {
  const width = room.width / series.length;
  return together(
    ...series.map((one, index) => {
      const box = { ...room, x: room.x + index * width, width };
      return number(panel, one, box, range, series.length > 1);
    }),
  );
}

function number(panel: Panel, one: Series, box: Box, range: Range, named: boolean): Drawing {
  const value = calculated(one, panel.options?.reduceOptions?.calcs?.[0] ?? 'lastNotNull');
  const colour = value === null ? ink.quiet : colourOfValue(panel, value);
  const middle = box.x + box.width / 2;
  const course = box.height * courseShare;
  const y = box.y + (box.height - course) / 2;
  const name = text(one.name, middle, box.y + 4, {
    size: 10,
    fill: ink.quiet,
    align: 'center',
    width: box.width,
  });
  return {
    shapes: [
      ...(named ? [name] : []),
      text(valueText(panel, value), middle, y, {
        size: named ? 18 : 24,
        bold: true,
        fill: colour,
        align: 'center',
        width: box.width,
      }),
    ],
    plots: [
      {
        box: { ...box, y: box.y + box.height - course, height: course },
        range,
        unit: 1,
        axes: false,
        lines: [
          {
            type: 'line',
            data: one.points.map(([at, point]) => [at, point]),
            showSymbol: false,
            lineStyle: { color: colour, width: 1 },
            areaStyle: { color: colour, opacity: 0.12 },
          },
        ],
      },
    ],
  };
}
