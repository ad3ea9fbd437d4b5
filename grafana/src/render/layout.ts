/** Where a panel stands in the picture. */

/** A rectangle, pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Place on Grafana's grid: of 24 columns, and rows. */
export interface GridPlace {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Pixels of a column and of a row; a picture is about as wide as a page of text. */
const column = 40;
const row = 27;

/** Pixels between two panels, and at the edge of the picture. */
const gap = 8;

/** Pixels above the panels, for the title. */
const headerHeight = 36;
/** Pixels below the panels, for where it all comes from. */
const footerHeight = 30;

/** The picture's size and the boxes in it. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly header: Box;
  readonly footer: Box;
  /** In the order of the places. */
  readonly panels: readonly Box[];
}

/** Puts places of the grid on a picture; the topmost place begins it. */
export function layoutOf(places: readonly GridPlace[]): Layout {
  const top = Math.min(...places.map(({ y }) => y));
  const panels = places.map(({ x, y, w, h }) => ({
    x: gap + x * column,
    y: headerHeight + (y - top) * row,
    width: w * column - gap,
    height: h * row - gap,
  }));
  const width = gap + 24 * column;
  const below = Math.max(...panels.map((box) => box.y + box.height)) + gap / 2;
  const line = { x: gap, width: width - 2 * gap };
  return {
    width,
    height: below + footerHeight,
    header: { ...line, y: 0, height: headerHeight },
    footer: { ...line, y: below, height: footerHeight },
    panels,
  };
}
