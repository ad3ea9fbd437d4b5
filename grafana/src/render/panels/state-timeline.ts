/** A band for each series, coloured by its state. */
import { clock, type Drawing, rect, type Shape, text, textWidth } from '../chart.ts';
import { ink } from '../colours.ts';
import type { Panel } from '../dashboard.ts';
import type { Box } from '../layout.ts';
import { type Scene, type Series, stretchesOf } from '../series.ts';
import { colourOfValue, namedValues } from './look.ts';

/** Pixels for the times below the bands, and for the names of the states below these. */
const timeAxis = 16;
const stateNames = 14;
/** Share of the room that the names of the bands take at most. */
const mostOfNames = 0.4;
/** Pixels of letters. */
const size = 10;
/** Pixels of a band at most, and between two. */
const thickest = 44;
const gap = 4;
/** Times that are written below. */
const times = 4;

/** Bands, times and the names of the states in that room. */
export function stateTimeline(panel: Panel, series: readonly Series[], room: Box, { range }: Scene): Drawing {
  const names = Math.min(
    room.width * mostOfNames,
    12 + Math.max(...series.map(({ name }) => textWidth(name, size))),
  );
  const left = room.x + names;
  const width = room.width - names - 14;
  const x = (atMs: number) =>
    left + (width * (Math.min(atMs, range.endMs) - range.startMs)) / (range.endMs - range.startMs);
  const bandsHeight = room.height - timeAxis - stateNames;
  const pitch = Math.min(thickest + gap, bandsHeight / series.length);

  const bands = series.flatMap((one, index): Shape[] => {
    const y = room.y + index * pitch;
    const height = pitch - Math.min(gap, pitch / 4);
    return [
      text(one.name, left - 8, y + height / 2, { size, align: 'right', width: names - 10 }),
      ...stretchesOf(one, range.stepMs).map(({ fromMs, toMs, value }) =>
        rect({ x: x(fromMs), y, width: x(toMs) - x(fromMs), height }, { fill: colourOfValue(panel, value) }),
      ),
    ];
  });
  const below = room.y + bandsHeight + timeAxis / 2;
  const marks = Array.from({ length: times + 1 }, (_, index) => {
    const atMs = range.startMs + ((range.endMs - range.startMs) * index) / times;
    const align = index === 0 ? 'left' : index === times ? 'right' : 'center';
    return text(clock(atMs), x(atMs), below, { size, fill: ink.quiet, align });
  });
  return {
    shapes: [...bands, ...marks, ...stateLegend(panel, left, room.y + room.height - stateNames / 2)],
    plots: [],
  };
}

/** The states by their colours, in a line. */
function stateLegend(panel: Panel, left: number, y: number): Shape[] {
  let x = left;
  return namedValues(panel).flatMap(({ value, text: name = String(value), colour = ink.quiet }) => {
    const begin = x;
    x += 14 + textWidth(name, size) + 14;
    return [
      rect({ x: begin, y: y - 4, width: 8, height: 8 }, { fill: colour }),
      text(name, begin + 13, y, { size }),
    ];
  });
}
