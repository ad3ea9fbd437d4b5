/** What stands around every panel. */
import { type Drawing, rect, text } from '../chart.ts';
import { ink } from '../colours.ts';
import type { Box } from '../layout.ts';

/** Pixels of the title's line. */
const titleHeight = 26;
/** Pixels between the frame and what is in it. */
const padding = 10;

/** The frame with its title. */
export function frame(title: string, box: Box): Drawing {
  return {
    shapes: [
      rect(box, { fill: ink.panel, stroke: ink.border, radius: 3 }),
      text(title, box.x + padding, box.y + titleHeight / 2 + 2, {
        size: 12,
        bold: true,
        width: box.width - 2 * padding,
      }),
    ],
    plots: [],
  };
}

/** The room in a frame. */
export function inside(box: Box): Box {
  return {
    x: box.x + padding,
    y: box.y + titleHeight,
    width: box.width - 2 * padding,
    height: box.height - titleHeight - padding / 2,
  };
}

/** A word in the middle of a room. */
export function notice(words: string, room: Box): Drawing {
  const style = { fill: ink.quiet, align: 'center', width: room.width } as const;
  return {
    shapes: [text(words, room.x + room.width / 2, room.y + room.height / 2, style)],
    plots: [],
  };
}
