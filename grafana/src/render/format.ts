/** Numbers with their units, by Grafana's names of them. */

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, notation: 'compact' });

/** Sizes of a unit, smallest first: the name of each, and how much of the plain unit it is. */
type Sizes = readonly (readonly [name: string, size: number])[];

const seconds: Sizes = [
  ['µs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['min', 60],
  ['h', 3600],
];

const bytes: Sizes = [
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
];

/** Units whose name depends on how large the value is: the sizes, and how much one of the unit is. */
const ladders: ReadonlyMap<string, { readonly sizes: Sizes; readonly one: number }> = new Map([
  ['s', { sizes: seconds, one: 1 }],
  ['ms', { sizes: seconds, one: 1e-3 }],
  ['bytes', { sizes: bytes, one: 1 }],
]);

/** Units whose name is always the same, beside those that begin with `suffix:`. */
const names: ReadonlyMap<string, string> = new Map([
  ['none', ''],
  ['short', ''],
  ['percentunit', ' %'],
  ['reqps', ' req/s'],
  ['ops', ' ops/s'],
]);

/** The size whose name a value has, and how much of the panel's unit it is. */
function sizeOf(value: number, unit: string): { readonly name: string; readonly size: number } | undefined {
  const ladder = ladders.get(unit);
  if (ladder === undefined) return undefined;
  const { sizes, one } = ladder;
  const fits = sizes.findLast(([, size]) => Math.abs(value) * one >= size) ?? sizes[0];
  return fits && { name: fits[0], size: fits[1] / one };
}

/** How much of the unit one step of an axis should count in that goes to `most`: bytes in MiB, seconds in minutes. */
export function axisUnit(most: number, unit: string): number {
  return sizeOf(most, unit)?.size ?? 1;
}

/** The value in that unit, three digits long; a unit that is not known here stands behind the number by its name. */
export function formatted(value: number, unit: string): string {
  const sized = sizeOf(value, unit);
  if (sized === undefined) return `${plain(value, unit)}${nameOf(unit)}`;
  return value === 0 ? '0' : `${number.format(value / sized.size)} ${sized.name}`;
}

/** {@link formatted} without a name that stands on the axis anyway. */
export function briefly(value: number, unit: string): string {
  return ladders.has(unit) || nameOf(unit) === ' %' ? formatted(value, unit) : plain(value, unit);
}

function plain(value: number, unit: string): string {
  return number.format(unit === 'percentunit' ? value * 100 : value);
}

function nameOf(unit: string): string {
  return /^suffix:(.*)$/.exec(unit)?.[1] ?? names.get(unit) ?? ` ${unit}`;
}
