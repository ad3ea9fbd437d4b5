/** Colours, by the names that Grafana's panels use. */

/** Shades that read on white. */
const hues = {
  green: '#3d9440',
  yellow: '#c98f00',
  orange: '#e8710a',
  red: '#d93a4a',
  blue: '#3572d9',
  purple: '#8e4fc4',
} as const;

/** Colours of lines that have none of their own, in the order of the lines. */
const palette = [
  hues.green,
  hues.yellow,
  '#2a9bb5',
  hues.orange,
  hues.red,
  hues.blue,
  hues.purple,
  '#b0417e',
  '#6b7a1f',
  '#5f6b7a',
] as const;

/** Colours of the picture itself. */
export const ink = {
  page: '#f4f5f7',
  panel: '#ffffff',
  border: '#d5d9e0',
  grid: '#e8eaee',
  text: '#24292f',
  quiet: '#6a737d',
} as const;

/** A colour by its name (`green`, `semi-dark-red`) or as `#rrggbb`. Throws an error that lists the names. */
export function colourOf(name: string): string {
  if (name.startsWith('#')) return name;
  if (name === 'text') return ink.text;
  const hue = name.split('-').at(-1);
  const [, colour] = Object.entries(hues).find(([known]) => known === hue) ?? [];
  if (colour === undefined) {
    throw new Error(`The colour "${name}" is not known here; known are ${Object.keys(hues).join(', ')}`);
  }
  return colour;
}

/** The colour of the line with that number, counted from 0. */
export function paletteColour(index: number): string {
  return palette[index % palette.length] ?? ink.text;
}
